/** What goes wrong with versions of the API and their end. */
export const versionEntries = {
  API_VERSION_UNSUPPORTED: {
    status: 400,
    title: 'Bad Request',
    detail: (p: { found: string; supported: readonly string[] }) =>
      `There is no version ${JSON.stringify(p.found)} of this API; there are ${p.supported.join(', ')}.`,
    fix: '',
  },
  API_VERSIONS_INVALID: {
    status: 500,
    title: 'Invalid versions of the API',
    detail: (p: { reason: string }) => `The versions of the API cannot be served: ${p.reason}.`,
    fix: "Give versions: { supported: ['1', '2'], default: '1' }; see docs/versioning.md.",
  },
  ROUTE_VERSION_UNKNOWN: {
    status: 500,
    title: 'Unknown version of a route',
    detail: (p: { route: string; found: string; supported: readonly string[] }) =>
      `Route ${p.route} is of version ${JSON.stringify(p.found)}; the application has ${p.supported.length === 0 ? 'no versions' : p.supported.join(', ')}.`,
    fix: 'Correct the version, or add it to versions.supported.',
  },
  DEPRECATION_INVALID: {
    status: 500,
    title: 'Invalid deprecation',
    detail: (p: { what: string; reason: string }) => `The deprecation of ${p.what} cannot be announced: ${p.reason}.`,
    fix: "Give { since: '2026-11-26', sunset: '2027-05-31', link: 'https://…', successor: '/cars' }; since is required.",
  },
  API_VERSIONS_FILE_INVALID: {
    status: 500,
    title: 'Invalid file of versions',
    detail: (p: { file: string; reason: string }) => `${p.file} cannot be used: ${p.reason}.`,
    fix: 'Write it by glueful api version deprecate, or remove it.',
  },
}
