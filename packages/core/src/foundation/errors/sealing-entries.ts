/** What is kept secretly, and where secrets come from. */
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
  SETTINGS_KEY_MISSING: {
    status: 500,
    title: 'SETTINGS_KEY is missing',
    detail: (p: { file: string }) => `${p.file} is encrypted, and neither SETTINGS_KEY nor SETTINGS_KEY_FILE is set.`,
    fix: 'Give the key in the environment of the process.',
  },
  SETTINGS_KEY_INVALID: {
    status: 500,
    title: 'Invalid SETTINGS_KEY',
    detail: (p: { reason: string }) => `The key of encrypted settings cannot be used: ${p.reason}.`,
    fix: 'Use the key that glueful env encrypt --generate-key prints, or: openssl rand -base64 32.',
  },
  SETTINGS_FILE_REFUSED: {
    status: 500,
    title: 'Encrypted settings are refused',
    detail: (p: { file: string }) => `${p.file} is not opened by the keys that are given, was changed, or belongs to another environment.`,
    fix: 'Give the SETTINGS_KEY that it was encrypted with, or encrypt it again.',
  },
  SECRET_SOURCE_FAILED: {
    status: 500,
    title: 'Secrets cannot be read',
    detail: (p: { source: string; reason: string }) => `The secret source ${p.source} failed: ${p.reason}.`,
    fix: 'See whether it can be reached from here with the credentials that it is given.',
  },
  SECRET_SOURCE_INVALID: {
    status: 500,
    title: 'Invalid secret source',
    detail: (p: { source: string; reason: string }) => `The secret source ${p.source} cannot be used: ${p.reason}.`,
    fix: 'Answer an object of texts by the names of settings.',
  },
  SECRETS_NOT_READ: {
    status: 500,
    title: 'Secrets are not read yet',
    detail: () => 'The application has secretSources, which have not been asked.',
    fix: 'Await app.configure() or app.ready() first.',
  },
}
