import { parseByteSize } from '../../foundation/byte-size.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import { acceptsOf } from '../../traffic/reading/reading-option.ts'
import { defineSecurityCheck, type SecurityCheck } from '../../app/security-check.ts'
import { describeInput, fieldNames, isWrite } from './route-traits.ts'

const secretName = /^(access_?token|api_?key|auth(orization)?|password|passwd|secret|session(_?id)?|token|jwt)$/i
const largeBody = 25 * 1024 * 1024

/** What comes in, and what goes out. */
export const inputChecks: readonly SecurityCheck[] = [
  defineSecurityCheck({
    id: 'BODY_NOT_VALIDATED',
    severity: 'high',
    title: 'A body that nothing checks',
    references: ['API3:2023', 'API8:2023', 'ASVS 2.2.1'],
    find: ({ routes }) =>
      routes
        .filter((route) => acceptsOf(route).length > 0 && route.options.body === undefined)
        .map((route) => ({ route, reason: `It reads ${acceptsOf(route).join(', ')} bodies without a schema.`, remedy: 'Give the route a body schema.' })),
  }),
  defineSecurityCheck({
    id: 'MASS_ASSIGNMENT',
    severity: 'high',
    title: 'Fields that no schema names reach the handler',
    references: ['API3:2023', 'ASVS 15.3.3'],
    find: ({ routes }) =>
      routes.filter(passesUnknownFields).map((route) => ({
        route,
        reason: 'Its body schema lets fields through that it does not name.',
        remedy: "Set strict: 'reject' or 'strip', or use a schema that names all fields.",
      })),
  }),
  defineSecurityCheck({
    id: 'PARAMETERS_NOT_VALIDATED',
    severity: 'low',
    title: 'Path parameters that nothing checks',
    references: ['API8:2023', 'ASVS 2.2.1'],
    find: ({ routes }) =>
      routes
        .filter((route) => /[:*]/.test(route.path.replaceAll(/\([^)]*\)/g, '')) && route.options.params === undefined && !/\(/.test(route.path))
        .map((route) => ({
          route,
          reason: 'Its path has parameters of any text.',
          remedy: 'Give the route a params schema, such as z.object({ id: z.uuid() }).',
        })),
  }),
  defineSecurityCheck({
    id: 'ANSWER_NOT_DESCRIBED',
    severity: 'low',
    title: 'Answers that nothing limits to their fields',
    references: ['API3:2023', 'ASVS 15.3.1'],
    find: ({ routes }) =>
      routes
        .filter((route) => route.options.response === undefined && route.method !== 'DELETE')
        .map((route) => ({
          route,
          reason: 'It has no response schema, so a field that is added to a record is answered without anybody deciding it.',
          remedy: 'Give the route a response schema; for files, streams and redirects accept the risk with acceptRisks and the reason.',
        })),
  }),
  defineSecurityCheck({
    id: 'SECRET_IN_QUERY',
    severity: 'high',
    title: 'A secret in the address',
    references: ['API2:2023', 'ASVS 14.2.1'],
    find: ({ routes }) =>
      routes.flatMap((route) => {
        const found = fieldNames(route.options.query).filter((name) => secretName.test(name))
        if (found.length === 0) return []
        const reason = `Its query has ${found.join(', ')}; addresses are kept in logs, histories and caches.`
        return [{ route, reason, remedy: 'Take it in a header or in the body.' }]
      }),
  }),
  defineSecurityCheck({
    id: 'BODY_LIMIT_LARGE',
    severity: 'medium',
    title: 'Very large bodies are read',
    references: ['API4:2023', 'ASVS 5.2.1'],
    find: ({ routes, settings }) => [
      ...(settings.bodyLimit > largeBody
        ? [
            {
              subject: 'setting BODY_LIMIT',
              reason: 'Bodies of more than 25 MB are read on every route.',
              remedy: 'Lower BODY_LIMIT and raise bodyLimit where it is needed.',
            },
          ]
        : []),
      ...routes
        .filter((route) => {
          const { bodyLimit } = route.options
          return bodyLimit !== undefined && isWrite(route) && parseByteSize(bodyLimit, 'bodyLimit') > Math.max(largeBody, settings.bodyLimit)
        })
        .map((route) => ({ route, reason: 'Bodies of more than 25 MB are read.', remedy: 'Lower bodyLimit, or take the file in parts.' })),
    ],
  }),
  defineSecurityCheck({
    id: 'NO_TIMEOUT',
    severity: 'medium',
    title: 'Handlers may take for ever',
    references: ['API4:2023', 'ASVS 15.2.2'],
    find: ({ routes }) =>
      routes
        .filter(({ options }) => options.timeout === false)
        .map((route) => ({ route, reason: 'It has no time-out.', remedy: 'Give timeout a duration; streams count only until they start.' })),
  }),
]

function passesUnknownFields(route: CompiledRoute): boolean {
  const { body, strict } = route.options
  if (body === undefined || (strict !== undefined && strict !== false && strict !== 'report')) return false
  const described = describeInput(body)
  const { additionalProperties } = described ?? {}
  return (
    additionalProperties === true ||
    (typeof additionalProperties === 'object' && additionalProperties !== null && Object.keys(additionalProperties).length === 0)
  )
}
