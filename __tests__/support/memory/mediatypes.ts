export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
export const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'
export const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
export const SCHEMA_1_UNSIGNED = 'application/vnd.docker.distribution.manifest.v1+json'

/** What a client must send to get the true bytes from every registry. */
export const ACCEPT_ALL = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, '*/*'].join(', ')
