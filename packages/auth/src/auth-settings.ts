import { defineSettings, env } from 'glueful'

/** Everything of authentication that a deployment decides. */
export const authSettings = defineSettings(
  {
    password: {
      algorithm: env.enum('PASSWORD_ALGORITHM', ['argon2id', 'scrypt'], { default: 'argon2id', describe: 'What new passwords are hashed with' }),
      minLength: env.integer('PASSWORD_MIN_LENGTH', { default: 12, min: 8, max: 128, describe: 'Fewest characters of a new password' }),
      breachedFile: env.string('PASSWORD_BREACHED_FILE', {
        optional: true,
        describe: 'File of passwords that became known: one a line, or sorted SHA-1 hashes; they are refused',
      }),
      resetLifetime: env.duration('PASSWORD_RESET_LIFETIME', { default: '1h', min: '1m', max: '7d', describe: 'How long a link to reset a password works' }),
    },
    verificationLifetime: env.duration('EMAIL_VERIFICATION_LIFETIME', { default: '1d', min: '1m', describe: 'How long a link to verify an address works' }),
    login: {
      maxAttempts: env.integer('LOGIN_MAX_ATTEMPTS', { default: 5, min: 1, max: 100, describe: 'Failed logins until an account is locked' }),
      maxAttemptsPerAddress: env.integer('LOGIN_MAX_ATTEMPTS_PER_ADDRESS', {
        default: 50,
        min: 1,
        describe: 'Failed logins until an address (IPv6: a /64 network) is locked',
      }),
      lockoutSeconds: env.integer('LOGIN_LOCKOUT_TTL_SECONDS', {
        default: 900,
        min: 1,
        max: 86_400,
        describe: 'How long failures count and the first lock lasts; each further lock lasts twice as long, up to a day',
      }),
    },
    token: {
      issuer: env.string('JWT_ISSUER', { optional: true, describe: 'iss of access tokens; APP_URL where it is not set' }),
      audience: env.string('JWT_AUDIENCE', { optional: true, describe: 'aud of access tokens; the name of the application where it is not set' }),
      algorithm: env.enum('JWT_ALGORITHM', ['ES256', 'EdDSA', 'RS256'], { default: 'ES256', describe: 'Algorithm of keys that glueful key generate makes' }),
      secret: env.secret('JWT_SECRET', { optional: true, minLength: 32, describe: 'Signs tokens by HS256 instead, where no other service verifies them' }),
      previousSecret: env.secret('JWT_PREVIOUS_SECRET', { optional: true, minLength: 32, describe: 'Earlier JWT_SECRET: tokens that it signed stay valid' }),
      keyFiles: env.list('JWT_KEY_FILES', { default: [], describe: 'Files of private keys (PEM) instead of the database; the first signs, all verify' }),
      lifetime: env.duration('ACCESS_TOKEN_LIFETIME', { default: '15m', min: '10s', max: '1d', describe: 'How long an access token is valid' }),
      refreshLifetime: env.duration('REFRESH_TOKEN_LIFETIME', { default: '7d', min: '1m', describe: 'How long a refresh token waits to be used' }),
      refreshGrace: env.duration('REFRESH_TOKEN_GRACE', {
        default: '10s',
        max: '1m',
        describe: 'How long a refresh token that was just used brings the same successor again, for requests that cross each other',
      }),
      skew: env.duration('JWT_CLOCK_SKEW', { default: '5s', max: '5m', describe: 'How far the clocks of issuer and verifier may differ' }),
    },
    session: {
      cookieName: env.string('SESSION_COOKIE_NAME', {
        default: 'session',
        pattern: /^[A-Za-z0-9_-]{1,64}$/,
        describe: 'Name of the session cookie; __Host- stands before it where it is secure',
      }),
      secure: env.boolean('SESSION_COOKIE_SECURE', {
        default: true,
        defaultIn: { development: false, test: false },
        describe: 'Send the session cookie over HTTPS only',
      }),
      sameSite: env.enum('SESSION_COOKIE_SAMESITE', ['lax', 'strict', 'none'], { default: 'lax', describe: 'When browsers send the session cookie along' }),
      idle: env.duration('SESSION_IDLE_TIMEOUT', { default: '1d', min: '1m', describe: 'How long a cookie session lasts without being used' }),
      lifetime: env.duration('SESSION_LIFETIME', { default: '30d', min: '1m', describe: 'How long a session lasts at most, refreshed or not' }),
    },
    trustedOrigins: env.list('CSRF_TRUSTED_ORIGINS', {
      default: [],
      describe: 'Origins whose pages may change things with the session cookie, besides the own one and CORS_ALLOW_ORIGINS',
    }),
  },
  { name: 'auth-settings', docs: 'docs/auth.md of Glueful' },
)
