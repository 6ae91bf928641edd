// The action from `src/` instead of `dist/`: an entry for `runAction`, for tests that need a process of their own. Node
// strips the types; the imports name the files as they are built.

import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) => {
    const isOurs = specifier.startsWith('.') && context.parentURL?.includes('/node_modules/') === false
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context)
  },
})

await import('../../src/action/index.js')
