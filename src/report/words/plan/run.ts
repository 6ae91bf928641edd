import type { RunRefusal } from '../../../plan/problems/plan.js'
import { count } from '../../text.js'
import type { Words } from '../wording.js'

/** The words for what refuses all repositories. */
export const runWords: Words<RunRefusal> = {
  'protected-tags-match-nothing': ({ pattern }) => ({
    text: `protected-tags: ${pattern} matches no tag that stays in any repository of this run. Correct or remove the entry`,
    items: ['protected-tags'],
  }),
  'fingerprint-differs': ({ fingerprint, approved }) => ({
    text: `approve: the plan's fingerprint is ${fingerprint}, and ${approved} was approved. What was approved is no longer what would be deleted.\nRead the plan above and approve it anew:\n  approve: ${fingerprint}`,
    items: ['approve'],
  }),
  'max-deletions': ({ tags, allowed, repositories, most }) => ({
    text: `max-deletions: the plan would delete ${count(tags, 'tag')} in ${count(repositories, 'repository', 'repositories')} (most of them in ${most}), and ${allowed} are allowed.\nRead the plan above. If it is wrong, select less; if it is right, raise the limit:\n  max-deletions: ${tags}`,
    items: ['max-deletions', most],
  }),
}
