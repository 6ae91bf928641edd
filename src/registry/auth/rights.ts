import type { Response } from '../send.js'
import { parseChallenges, type Challenge } from './challenge.js'
import { parseScope } from './scope.js'

/** What a refused request wanted to do. */
export type Need = 'pull' | 'push' | 'delete'

/** A product that names its rights in its own words. */
export type Product =
  'gitea' | 'gitlab' | 'harbor' | 'quay' | 'docker-hub' | 'ghcr' | 'acr' | 'ecr' | 'artifact-registry'

/** The right that a user lacks. */
export type Right =
  /** The challenge is that of a product whose rights have names of their own. */
  | { readonly is: 'of-product'; readonly product: Product; readonly need: Need }
  /** The challenge asks for these actions on the repository. */
  | { readonly is: 'actions'; readonly actions: readonly Action[] }

/** The actions that registries ask for. A challenge is text of the registry, so nothing else of it is shown. */
const ACTIONS = ['pull', 'push', 'delete', '*'] as const
export type Action = (typeof ACTIONS)[number]

/** One row: how the challenges of a product are recognised. */
interface Row {
  readonly product: Product
  readonly test: (challenge: Parameters) => boolean
}

/** The parameters of a challenge. Empty if they are missing. */
interface Parameters {
  readonly scheme: string
  readonly realm: string
  /** The host and the path of the realm, if it is a URL. */
  readonly host: string
  readonly path: string
  readonly service: string
  readonly scope: string
}

/** By the challenges that the products send, not by names that users choose, such as that of a host. */
const ROWS: readonly Row[] = [
  // Run for real (1.26): service="container_registry",scope="*". A token without the scope gets the Basic challenge
  // (routers/api/packages/api.go).
  {
    product: 'gitea',
    test: ({ scheme, realm, service, scope }) =>
      scheme === 'basic'
        ? /^(?:Gitea|Forgejo) Package API$/.test(realm)
        : service === 'container_registry' && scope === '*',
  },
  // Run for real (3.86): the registry has the token service of GitLab's JWT endpoint.
  {
    product: 'gitlab',
    test: ({ service, path }) => service === 'container_registry' && path.endsWith('/jwt/auth'),
  },
  // src/server/middleware/v2auth/auth.go and src/core/service/token: the Bearer challenge to a request without credentials,
  // and the Basic challenge to any other.
  {
    product: 'harbor',
    test: ({ scheme, realm, service }) =>
      service === 'harbor-registry' || (scheme === 'basic' && realm === 'harbor'),
  },
  // auth/registry_jwt_auth.py: the path of its token endpoint.
  { product: 'quay', test: ({ scheme, path }) => scheme === 'bearer' && path.endsWith('/v2/auth') },
  // Documentation of the registry API of Docker Hub.
  { product: 'docker-hub', test: ({ service }) => service === 'registry.docker.io' },
  // GitHub's documentation of the container registry.
  { product: 'ghcr', test: ({ host, service }) => host === 'ghcr.io' && service === 'ghcr.io' },
  // Microsoft's documentation of roles and of repository permissions.
  {
    product: 'acr',
    test: ({ path, service }) => path === '/oauth2/token' && /\.azurecr\.(?:io|cn|us)$/.test(service),
  },
  // Amazon's documentation of the actions of ECR.
  { product: 'ecr', test: ({ service }) => service === 'ecr.amazonaws.com' },
  // Google's documentation of the roles of Artifact Registry.
  {
    product: 'artifact-registry',
    test: ({ service }) => /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/.test(service),
  },
]

/**
 * Finds the right that is missing, by the challenge of the registry.
 *
 * @param response a 401 or 403 of the registry
 * @param need what the request wanted to do
 * @returns undefined if the challenge does not tell, or there is none
 */
export function rightFor(response: Response, need: Need): Right | undefined {
  const own = parseChallenges(response.headers.get('www-authenticate') ?? '')
  const challenges = [...own, ...(response.challenge === undefined ? [] : [response.challenge])]
  for (const challenge of challenges) {
    const parameters = parametersOf(challenge)
    const row = ROWS.find(({ test }) => test(parameters))
    if (row !== undefined) return { is: 'of-product', product: row.product, need }
  }
  for (const challenge of challenges) {
    const actions = actionsOf(challenge)
    if (actions.length > 0) return { is: 'actions', actions }
  }
  return undefined
}

function parametersOf({ scheme, parameters }: Challenge): Parameters {
  const of = (name: string): string => parameters.get(name) ?? ''
  const realm = of('realm')
  const url = URL.canParse(realm) ? new URL(realm) : undefined
  return {
    scheme,
    realm,
    host: url?.host ?? '',
    path: url?.pathname ?? '',
    service: of('service'),
    scope: of('scope'),
  }
}

/** @returns the actions on the repository in the scope of a challenge. `pull` counts only alone: every request needs it */
function actionsOf({ parameters }: Challenge): Action[] {
  const wanted = parseScope(parameters.get('scope') ?? '')
    .filter(({ type }) => type === 'repository')
    .flatMap(({ actions }) => actions)
  const actions = ACTIONS.filter((action) => wanted.includes(action))
  return actions.length > 1 ? actions.filter((action) => action !== 'pull') : actions
}
