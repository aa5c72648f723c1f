/** A text as it stands within a pattern of `like`, whose wildcards and escape character (`!`) lose their meaning. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[!%_]/g, '!$&')
}
