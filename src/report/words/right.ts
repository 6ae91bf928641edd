import type { Repository } from '../../oci/reference.js'
import type { Need, Product, Right } from '../../registry/auth/rights.js'

/** The rights of each product, in the words of its own settings. They follow "Give the user" and "The user needs". */
const OF_PRODUCT: Readonly<Record<Product, Readonly<Record<Need, string>>>> = {
  gitea: {
    pull: 'a token with the scope `read:package`, and read access to the packages of the owner',
    push: 'a token with the scope `write:package`, and write access to the packages of the owner',
    delete: 'a token with the scope `write:package`, and write access to the packages of the owner',
  },
  gitlab: {
    pull: 'a token with the scope `read_registry`',
    push: 'the role Developer in the project, and a token with the scopes `read_registry` and `write_registry`',
    delete:
      'the role Maintainer in the project, and a token with the scopes `read_registry` and `write_registry`',
  },
  harbor: {
    pull: 'the permission Pull Repository (a robot account), or the role Guest in the project (a user)',
    push: 'the permission Push Repository (a robot account), or the role Developer in the project (a user)',
    delete:
      'the permission Delete Repository (a robot account), or the role Maintainer in the project (a user)',
  },
  quay: {
    pull: 'the permission Read (`pull`)',
    push: 'the permission Write (`push`)',
    delete: 'the permission Write (`push`), with which Quay deletes',
  },
  'docker-hub': {
    pull: 'an access token with the permission Read-only',
    push: 'an access token with the permissions Read & Write',
    delete: 'an access token with the permissions Read, Write, Delete',
  },
  ghcr: {
    pull: 'a token with the scope `read:packages`',
    push: 'a token with the scope `write:packages`',
    delete:
      'a token with the scopes `read:packages` and `delete:packages`, and the role Admin on the package',
  },
  acr: {
    pull: 'the role AcrPull (a repository-scoped token: `content/read` and `metadata/read`)',
    push: 'the role AcrPush (a repository-scoped token: `content/read` and `content/write`)',
    delete: 'the role AcrDelete (a repository-scoped token: `content/delete`)',
  },
  ecr: {
    pull: 'the permissions `ecr:BatchGetImage`, `ecr:GetDownloadUrlForLayer` and `ecr:ListImages`',
    push: 'the permissions `ecr:PutImage`, `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart` and `ecr:CompleteLayerUpload`',
    delete: 'the permission `ecr:BatchDeleteImage`',
  },
  'artifact-registry': {
    pull: 'the permission `artifactregistry.repositories.downloadArtifacts`',
    push: 'the permission `artifactregistry.repositories.uploadArtifacts`',
    delete: 'the permission `artifactregistry.repositories.deleteArtifacts`',
  },
}

/**
 * Puts the right that a user lacks into words, to follow "Give the user" or "The user needs".
 *
 * @param right undefined if only the need is known
 */
export function sayRight(right: Right | undefined, need: Need, repository: Repository): string {
  if (right?.is === 'of-product') return `${OF_PRODUCT[right.product][right.need]}, for ${repository}`
  const actions = right === undefined ? [need] : right.actions
  const named = actions.map((action) => `\`${action}\``).join(' and ')
  return `the action${actions.length > 1 ? 's' : ''} ${named} on ${repository}`
}
