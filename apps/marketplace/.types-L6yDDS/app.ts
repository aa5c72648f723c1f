import { createApp } from 'glueful'
import { createClient } from 'glueful/client'
import { m0 } from './m0.ts'
import { m1 } from './m1.ts'
import { m2 } from './m2.ts'
import { m3 } from './m3.ts'
import { m4 } from './m4.ts'
import { m5 } from './m5.ts'
import { m6 } from './m6.ts'
import { m7 } from './m7.ts'
import { m8 } from './m8.ts'
import { m9 } from './m9.ts'
import { m10 } from './m10.ts'
import { m11 } from './m11.ts'
import { m12 } from './m12.ts'
import { m13 } from './m13.ts'
import { m14 } from './m14.ts'
import { m15 } from './m15.ts'
import { m16 } from './m16.ts'
import { m17 } from './m17.ts'
import { m18 } from './m18.ts'
import { m19 } from './m19.ts'
const routes = { m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19 }
export const app = createApp({ name: 'x', routes })
const api = createClient<typeof routes>('http://localhost')
const m0answer = await api.m0.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m0answer.ok) m0answer.body.page.toFixed()
const m1answer = await api.m1.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m1answer.ok) m1answer.body.page.toFixed()
const m2answer = await api.m2.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m2answer.ok) m2answer.body.page.toFixed()
const m3answer = await api.m3.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m3answer.ok) m3answer.body.page.toFixed()
const m4answer = await api.m4.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m4answer.ok) m4answer.body.page.toFixed()
const m5answer = await api.m5.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m5answer.ok) m5answer.body.page.toFixed()
const m6answer = await api.m6.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m6answer.ok) m6answer.body.page.toFixed()
const m7answer = await api.m7.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m7answer.ok) m7answer.body.page.toFixed()
const m8answer = await api.m8.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m8answer.ok) m8answer.body.page.toFixed()
const m9answer = await api.m9.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })
if (m9answer.ok) m9answer.body.page.toFixed()
