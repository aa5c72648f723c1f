/** What is kept secretly under APP_KEY. */
export const sealingEntries = {
  APP_KEY_MISSING: {
    status: 500,
    title: 'APP_KEY is missing',
    detail: (p: { purpose: string }) => `APP_KEY is not set, and the key for ${p.purpose} follows from it.`,
    fix: 'Set APP_KEY to at least 32 random characters: openssl rand -base64 32.',
  },
  UNSEALING_FAILED: {
    status: 500,
    title: 'Sealed value cannot be opened',
    detail: (p: { purpose: string; place: string; reason: string }) =>
      `A sealed value of ${p.purpose}${p.place === '' ? '' : ` (${p.place})`} cannot be opened: ${p.reason}.`,
    fix: 'Add the APP_KEY that sealed it to APP_PREVIOUS_KEYS. Where no key is missing, make the value anew.',
  },
}
