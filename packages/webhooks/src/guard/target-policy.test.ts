import { expect, test } from 'vitest'
import { openReceiver } from '../testing/receiver.fixture.ts'
import { sendWebhook } from '../delivery/send-webhook.ts'
import { classifyAddress } from './classify-address.ts'
import { resolveTarget } from './resolve-target.ts'
import { createTargetPolicy } from './target-policy.ts'

const strict = createTargetPolicy({ requireHttps: false, ports: ['1-65535'], allow: [] })

/** Everything that has led servers to themselves and their networks; PORT is that of a server that listens on loopback. */
const forms = [
  'http://127.0.0.1:PORT/',
  'http://127.0.0.2:PORT/',
  'http://127.255.255.255:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.1:PORT/',
  'http://0x7F.0x0.0x0.0x1:PORT/',
  'http://017700000001:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0177.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://①②⑦.0.0.1:PORT/',
  'http://127。0。0。1:PORT/',
  'http://１２７.0.0.1:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://LOCALHOST:PORT/',
  'http://localhost.:PORT/',
  'http://loopback.test:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0:PORT/',
  'http://0x0:PORT/',
  'http://0.1.2.3:PORT/',
  'http://[::1]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[::7f00:1]:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/',
  'http://[64:ff9b:1::1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2002:a9fe:a9fe::1]:PORT/',
  'http://[2001::1]:PORT/',
  'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'http://10.0.0.1/',
  'http://10.255.255.255/',
  'http://0xa.1/',
  'http://172.16.0.1/',
  'http://172.31.255.254/',
  'http://192.168.0.1/',
  'http://192.168.1/',
  'http://3232235521/',
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.170.2/',
  'http://2852039166/',
  'http://0xA9FEA9FE/',
  'http://0251.0376.0251.0376/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[fd00:ec2::254]/',
  'http://168.63.129.16/',
  'http://100.64.0.1/',
  'http://100.127.255.254/',
  'http://100.100.100.200/',
  'http://192.0.0.192/',
  'http://192.0.2.1/',
  'http://198.51.100.7/',
  'http://203.0.113.9/',
  'http://198.18.0.1/',
  'http://198.19.255.255/',
  'http://192.88.99.1/',
  'http://224.0.0.1/',
  'http://239.255.255.250:1900/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://[fc00::1]/',
  'http://[fd12:3456:789a::1]/',
  'http://[fe80::1]/',
  'http://[febf::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://[2001:db8::1]/',
  'http://[100::1]/',
  'http://[3fff::1]/',
  'http://[5f00::1]/',
  'http://[4000::1]/',
  'http://user@127.0.0.1:PORT/',
  'http://user:pass@public.test/',
  'ftp://public.test/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/_',
  'http://',
  'not a url',
  'http://metadata/',
  'http://rebind.test:PORT/',
  'http://mixed.test:PORT/',
  'http://six.test:PORT/',
]
const names: Record<string, readonly string[]> = {
  'loopback.test': ['127.0.0.1'],
  'rebind.test': ['169.254.169.254'],
  'mixed.test': ['93.184.215.14', '127.0.0.1'],
  'six.test': ['::ffff:127.0.0.1'],
}
const resolve = (host: string) => Promise.resolve((names[host] ?? ['127.0.0.1']).map((address) => ({ address, family: 4 })))

test('of eighty and more forms of addresses that are not public, none is connected to', async () => {
  await using receiver = await openReceiver()
  expect(new Set(forms).size).toBeGreaterThanOrEqual(80)
  for (const form of forms) {
    const outcome = await resolveTarget(form.replace('PORT', String(receiver.port)), strict, resolve, 5_000).then(
      async (target) => sendWebhook({ target, headers: {}, body: '', timeoutMs: 200, userAgent: 'test' }),
      (error: unknown) => error,
    )
    expect((outcome as { code?: string }).code, form).toBe('WEBHOOK_URL_REFUSED')
  }
  expect(receiver.connections).toBe(0)
})

test('public addresses are let through, and the edges of what is not', () => {
  const addresses = [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.0.1',
    '172.15.0.1',
    '172.32.0.1',
  ]
  for (const address of [...addresses, '192.167.0.1', '223.255.255.255', '2606:4700::1111', '2a00:1450::1'])
    expect(classifyAddress(address), address).toBe('public')
  expect(classifyAddress('no address')).toBe('reserved')
  expect(strict.read('https://hooks.example.com/path?key=1').href).toBe('https://hooks.example.com/path?key=1')
})

test('a name that changes its answer is connected to where it was judged', async () => {
  await using receiver = await openReceiver()
  const answers = ['127.0.0.1', '169.254.169.254']
  const policy = createTargetPolicy({ requireHttps: false, ports: ['1-65535'], allow: ['127.0.0.0/8'] })
  const rebinding = () => Promise.resolve([{ address: answers.shift() as string, family: 4 }])
  const target = await resolveTarget(`http://rebind.test:${receiver.port}/`, policy, rebinding, 5_000)
  expect(await sendWebhook({ target, headers: {}, body: '{}', timeoutMs: 2_000, userAgent: 'test' })).toMatchObject({ status: 204 })
  expect(answers).toEqual(['169.254.169.254'])
  expect(receiver.received[0]?.headers.host).toBe(`rebind.test:${receiver.port}`)
})

test('schemes and ports are a matter of policy, and its settings are checked', () => {
  const https = createTargetPolicy({ requireHttps: true, ports: ['443', '8000-8999'], allow: [] })
  const refused = expect.objectContaining({ code: 'WEBHOOK_URL_REFUSED' })
  expect(https.read('https://example.com:8443/').port).toBe('8443')
  for (const url of ['http://example.com/', 'https://example.com:22/', 'https://example.com:9000/', 'https://example.com/#x'])
    expect(() => https.read(url), url).toThrow(refused)
  for (const ports of [['0'], ['70000'], ['9-3'], ['http']])
    expect(() => createTargetPolicy({ requireHttps: true, ports, allow: [] })).toThrow(expect.objectContaining({ code: 'WEBHOOK_POLICY_INVALID' }))
  for (const allow of [['10.0.0.0/33'], ['nowhere'], ['::/129']])
    expect(() => createTargetPolicy({ requireHttps: true, ports: ['443'], allow })).toThrow(expect.objectContaining({ code: 'WEBHOOK_POLICY_INVALID' }))
})

test('a host without addresses is told', async () => {
  const nowhere = () => Promise.reject(Object.assign(new TypeError('none'), { code: 'ENOTFOUND' }))
  await expect(resolveTarget('https://nowhere.example.com/', strict, nowhere, 5_000)).rejects.toMatchObject({ code: 'WEBHOOK_HOST_UNKNOWN' })
  await expect(resolveTarget('https://nowhere.example.com/', strict, () => Promise.resolve([]), 5_000)).rejects.toMatchObject({ code: 'WEBHOOK_HOST_UNKNOWN' })
})

test('a name server that stays silent holds nobody up', async () => {
  const silent = () => new Promise<never>(() => {})
  await expect(resolveTarget('https://tarpit.example.com/', strict, silent, 20)).rejects.toMatchObject({
    code: 'WEBHOOK_HOST_UNKNOWN',
    message: expect.stringContaining('no answer within 20 ms') as string,
  })
})
