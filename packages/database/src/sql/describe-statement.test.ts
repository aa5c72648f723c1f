import { expect, test } from 'vitest'
import { describeStatement } from './describe-statement.ts'

test.for([
  ['select * from cars where id = ?', 'select', 'cars', false],
  ['  -- why\n /* and how */ SELECT 1', 'select', '', false],
  ['(select * from "cars") union (select * from vans)', 'select', 'cars', false],
  ['select * from shop.cars', 'select', 'cars', false],
  ['select * from cars for update skip locked', 'select', 'cars', true],
  ['select * from cars for no key update', 'select', 'cars', true],
  ['select * from cars lock in share mode', 'select', 'cars', true],
  ["select nextval('ids')", 'select', '', true],
  ['select pg_advisory_lock(1)', 'select', '', true],
  ['with old as (select 1) select * from cars', 'select', 'cars', false],
  ['with gone as (delete from cars returning *) select * from gone', 'delete', 'cars', true],
  ['insert into `cars` (id) values (?)', 'insert', 'cars', true],
  ['insert or ignore into cars values (1)', 'insert', 'cars', true],
  ['replace into cars values (1)', 'insert', 'cars', true],
  ['update only cars set a = 1', 'update', 'cars', true],
  ['update "cars" set a = 1', 'update', 'cars', true],
  ['delete from cars', 'delete', 'cars', true],
  ['create table if not exists cars (id int)', 'ddl', 'cars', true],
  ['explain select * from cars', 'other', '', false],
  ['explain analyze delete from cars', 'other', '', true],
  ['vacuum', 'other', '', true],
  ['pragma user_version', 'other', '', true],
  ['', 'other', '', true],
] as const)('%s', ([text, operation, table, writes]) => {
  expect(describeStatement(text)).toEqual({ operation, table, writes })
})
