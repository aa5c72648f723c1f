/** Errors of hashing and of choosing passwords. */
export const passwordEntries = {
  ARGON2_UNAVAILABLE: {
    status: 500,
    title: 'Argon2 is not available',
    detail: (p: { node: string; openssl: string }) => `This Node (${p.node}, OpenSSL ${p.openssl}) has no crypto.argon2.`,
    fix: 'Use an official build of Node 24.14.1 or later, or set PASSWORD_ALGORITHM=scrypt; Argon2 hashes that exist cannot be verified then.',
  },
  PASSWORD_HASH_UNREADABLE: {
    status: 500,
    title: 'Unreadable password hash',
    detail: (p: { reason: string }) => `The stored hash of a password cannot be used: ${p.reason}.`,
    fix: 'Argon2 and scrypt PHC strings and bcrypt hashes are read; let the user reset the password.',
  },
  PASSWORDS_BUSY: {
    status: 503,
    title: 'Service Unavailable',
    detail: () => 'Too many passwords are being checked.',
    fix: '',
  },
  PASSWORD_REFUSED: {
    status: 422,
    title: 'Unprocessable Content',
    detail: (p: { count: number }) => (p.count === 1 ? 'The password is not acceptable.' : `The password is not acceptable for ${p.count} reasons.`),
    fix: '',
  },
  BREACHED_LIST_UNREADABLE: {
    status: 500,
    title: 'Unreadable list of breached passwords',
    detail: (p: { file: string; reason: string }) => `${p.file} cannot be used: ${p.reason}.`,
    fix: 'Set PASSWORD_BREACHED_FILE to a file of passwords, one a line, or of sorted SHA-1 hashes.',
  },
}
