export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json'
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
export const OCI_FOREIGN_LAYER = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
export const OCI_EMPTY = 'application/vnd.oci.empty.v1+json'
/** OCI's own manifest for artifacts. It was dropped before 1.1 was final, but some registries still hold it. */
export const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'

export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json'
export const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
export const DOCKER_FOREIGN_LAYER = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'

export const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
export const SCHEMA_1_UNSIGNED = 'application/vnd.docker.distribution.manifest.v1+json'

/**
 * The Accept header that a client needs to get the stored manifest from every registry. If a type is missing, a registry
 * may return 404 for an existing manifest, or another manifest.
 */
export const ACCEPT_ALL = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, '*/*'].join(', ')
