import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = `
import { integer, json, Model, string, timestamps } from '@glueful/database'
import { testDatabase } from '@glueful/database/testing'
class Car extends Model('cars', { id: integer().primary(), make: string(), secret: string().hidden().nullable(), specs: json().nullable(), ...timestamps() }) {
  get label() { return this.make + '!' }
}
const { db, close } = await testDatabase('sqlite')
await db.script('create table cars (id integer primary key, make text, secret text, specs text, createdAt integer, updatedAt integer)')
await Car.create({ make: 'Volvo', secret: 'x', specs: { doors: 4 } })
const [car] = await Car.where('make', 'Volvo').get()
car.make = 'Saab'
await car.save()
const again = await Car.find(car.id)
console.log(JSON.stringify([car instanceof Car, again.label, again.specs, again.secret, again.createdAt instanceof Date, Object.keys(again)]))
await close()
`

test('models work where code may not be generated from text', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--disallow-code-generation-from-strings', '--conditions=glueful-source', '--input-type=module-typescript', '--eval', program],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([true, 'Saab!', { doors: 4 }, 'x', true, ['id', 'make']])
})
