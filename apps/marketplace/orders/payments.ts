import { Breakers, createHttpClient, service, type HttpClient, type Service, type Use } from 'glueful'
import { settings } from '../settings.ts'

/** The service that captures payments; undefined where buyers pay when they fetch the car. */
export const Payments: Service<{ readonly client: HttpClient | undefined }> = service<{ readonly client: HttpClient | undefined }>('payments')

/** When it does not answer, it is left alone for a while, and the jobs that need it try again later. */
export function createPayments({ use }: { readonly use: Use }): { readonly client: HttpClient | undefined } {
  const baseUrl = use(settings).paymentUrl
  if (baseUrl === undefined) return { client: undefined }
  const { around } = use(Breakers).breaker('payments', { failures: 5, pause: '10s', concurrency: 10 })
  return { client: createHttpClient({ name: 'payments', baseUrl, timeout: '5s', around }) }
}
