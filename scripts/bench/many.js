export const benchTags = async () => ''
