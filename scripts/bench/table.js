import os from 'node:os'

/** @typedef {import('./course.js').SceneResult} SceneResult */

const number = (/** @type {number | undefined} */ value, digits = 2) =>
  value === undefined ? '–' : value.toFixed(digits)
const median = (/** @type {number[]} */ list) =>
  [...list].sort((one, other) => one - other)[Math.floor(list.length / 2)]

/**
 * The medians of the runs, and the medians of the ratios of runs in the same turn.
 * @param {string} version
 * @param {SceneResult[]} results
 * @returns {string} Markdown
 */
export function tableOf(version, results) {
  const runs = Math.max(...results.map(({ runs }) => runs.get('action')?.length ?? 0))
  const [cpu] = os.cpus()
  return [
    `### distribution ${version}`,
    '',
    `${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} cores (${cpu?.model.trim()}), Node ${process.version}, median of ${runs} runs in turns. Start-up of the action (${number(results[0]?.start.seconds)} s, ${number(results[0]?.start.cpu)} s of CPU) is taken off its time and CPU.`,
    '',
    row([
      'scene',
      'requests',
      'N',
      'ratio',
      'wall s',
      '× node-fetch',
      '× node:https',
      'registry CPU s',
      '× node-fetch',
      '× node:https',
      'client CPU s',
      'peak MiB',
    ]),
    row(Array(12).fill('---')),
    ...results.map(ours),
    '',
    row([
      'scene',
      'what people use',
      'requests',
      'wall s',
      '÷ ours',
      'registry CPU s',
      'purged, still served',
      'tags broken',
    ]),
    row(Array(8).fill('---')),
    ...results.flatMap(others),
  ].join('\n')
}

/** @param {SceneResult} result */
function ours({ scene, N, start, runs }) {
  const own = runs.get('action') ?? []
  const requests = Object.values(own[0]?.requests ?? {}).reduce((sum, each) => sum + each, 0)
  const wall = own.map(({ seconds }) => seconds - start.seconds)
  /** @param {string} name @param {'seconds' | 'registryCpu'} what */
  const against = (name, what) =>
    number(
      median(
        (runs.get(name) ?? []).map((each, at) => {
          const mine = what === 'seconds' ? wall[at] : own[at]?.registryCpu
          return (mine ?? Number.NaN) / each[what]
        }),
      ),
    )
  return row([
    `${scene.name} ${scene.title}`,
    requests,
    N,
    number(requests / N, 3),
    number(median(wall)),
    against('node-fetch', 'seconds'),
    against('node:https', 'seconds'),
    number(median(own.map(({ registryCpu }) => registryCpu))),
    against('node-fetch', 'registryCpu'),
    against('node:https', 'registryCpu'),
    number(median(own.map(({ cpu = 0 }) => cpu - (start.cpu ?? 0)))),
    number(median(own.map(({ mib = 0 }) => mib)), 0),
  ])
}

/** @param {SceneResult} result */
function others({ scene, start, runs }) {
  const mine = median((runs.get('action') ?? []).map(({ seconds }) => seconds - start.seconds)) ?? 0
  return ['action', 'curl', 'regctl'].flatMap((name) => {
    const all = runs.get(name) ?? []
    const [first] = all
    if (first === undefined) return []
    const wall = name === 'action' ? mine : (median(all.map(({ seconds }) => seconds)) ?? 0)
    const requests = typeof first.requests === 'number' ? first.requests : name === 'action' ? '(above)' : '–'
    return [
      row([
        scene.name,
        name === 'action' ? 'this action' : `${name} with a keep-set${all.length === 1 ? ' (one run)' : ''}`,
        requests,
        number(wall),
        number(wall / mine),
        number(median(all.map(({ registryCpu }) => registryCpu))),
        first.stillServed,
        first.broken,
      ]),
    ]
  })
}

/** @param {(string | number)[]} cells */
const row = (cells) => `| ${cells.join(' | ')} |`
