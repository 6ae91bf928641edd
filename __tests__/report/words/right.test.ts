import { expect, test } from '@jest/globals'
import type { Repository } from '../../../src/oci/reference.js'
import { sayRight } from '../../../src/report/words/right.js'
import type { Right } from '../../../src/survey/problem.js'

const repository = 'acme/app' as Repository

test.each<[Right | undefined, string]>([
  [undefined, 'the action `delete` on acme/app'],
  [{ is: 'actions', actions: ['push'] }, 'the action `push` on acme/app'],
  [{ is: 'actions', actions: ['push', 'delete'] }, 'the actions `push` and `delete` on acme/app'],
  [
    { is: 'of-product', product: 'gitea', need: 'delete' },
    'a token with the scope `write:package`, and write access to the packages of the owner, for acme/app',
  ],
  [
    { is: 'of-product', product: 'quay', need: 'delete' },
    'the permission Write (`push`), with which Quay deletes, for acme/app',
  ],
  [
    { is: 'of-product', product: 'ecr', need: 'delete' },
    'the permission `ecr:BatchDeleteImage`, for acme/app',
  ],
])('%j is said as a thing that a user can be given', (right, said) => {
  expect(sayRight(right, 'delete', repository)).toBe(said)
})
