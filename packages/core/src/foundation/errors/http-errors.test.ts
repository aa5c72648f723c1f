import { expect, test } from 'vitest'
import * as families from './http-errors.ts'
import { GluefulError } from './define-errors.ts'

test.each([
  ['BadRequest', 400],
  ['Unauthenticated', 401],
  ['PaymentRequired', 402],
  ['Forbidden', 403],
  ['NotFound', 404],
  ['NotAcceptable', 406],
  ['Conflict', 409],
  ['Gone', 410],
  ['PreconditionFailed', 412],
  ['Unprocessable', 422],
  ['TooManyRequests', 429],
  ['BadGateway', 502],
  ['ServiceUnavailable', 503],
  ['GatewayTimeout', 504],
] as const)('%s answers %i with a code of its own or the given one', (name, status) => {
  const Family = families[name]
  const plain = new Family()
  expect(plain).toBeInstanceOf(GluefulError)
  expect(plain).toBeInstanceOf(families.HttpError)
  expect(plain.status).toBe(status)
  expect(plain.code).toMatch(/^[A-Z_]+$/)
  expect(new Family('why', { code: 'OWN' })).toMatchObject({ code: 'OWN', detail: 'why', status })
})

test('Retry-After is whole seconds and never zero', () => {
  expect(new families.TooManyRequests('slow', { retryAfter: 0.2 }).headers).toEqual(['retry-after', '1'])
  expect(new families.ServiceUnavailable('busy', { retryAfter: 30 }).headers).toEqual(['retry-after', '30'])
  expect(new families.TooManyRequests().headers).toBeUndefined()
})

test('a missing model is a 404 that names model and key', () => {
  expect(new families.ModelNotFound('Car', 7)).toMatchObject({ status: 404, code: 'MODEL_NOT_FOUND', detail: 'Car 7 does not exist.' })
})

test('the cause is kept', () => {
  const cause = new Error('root')
  expect(new families.Conflict('taken', { cause }).cause).toBe(cause)
})
