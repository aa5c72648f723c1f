import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dialect } from './dialect.ts'
import { splitStatements } from './split-statements.ts'

const skeletons = (script: string, dialect: Dialect) => splitStatements(script, dialect).map((statement) => statement.skeleton)

describe('a script is taken apart', () => {
  test.each<[Dialect, string, string[]]>([
    [
      'sqlite',
      "create table a (b text default ';'); -- c; \n insert into a values ('it''s;');;\n",
      ["create table a (b text default '')", "insert into a values ('')"],
    ],
    [
      'sqlite',
      'create trigger t after insert on a begin update b set x = case when 1 then 2 end; delete from c; end; select 1',
      ['create trigger t after insert on a begin update b set x = case when 1 then 2 end; delete from c; end', 'select 1'],
    ],
    ['sqlite', 'select "a;b", `c;d`, [e;f]; select 2', ['select "a;b", `c;d`, [e;f]', 'select 2']],
    [
      'postgres',
      "create function f() returns int as $x$ begin; select 1; end $x$ language sql; select $$;'$$; select E'a\\';b'; select 'a\\'; select 2",
      ["create function f() returns int as '' language sql", "select ''", "select ''", "select ''", 'select 2'],
    ],
    ['postgres', "/* a /* b */ it's */ select 1; select 2", ['select 1', 'select 2']],
    [
      'postgres',
      'create function g() returns int begin atomic select 1; select 2; end; select 3',
      ['create function g() returns int begin atomic select 1; select 2; end', 'select 3'],
    ],
    ['postgres', 'begin; select 1; commit', ['begin', 'select 1', 'commit']],
    [
      'mysql',
      "create procedure p() begin if x then select 1; end if; case y when 1 then select 2; end case; end; # c;\nselect 'a\\';b', \"c;\", `d;`; select 1--2",
      ['create procedure p() begin if x then select 1; end if; case y when 1 then select 2; end case; end', "select '', '', `d;`", 'select 1--2'],
    ],
    [
      'mysql',
      'delimiter //\ncreate trigger t before insert on a for each row begin set @x = 1; end//\nselect 1; select 2//\ndelimiter ;\nselect 3; select 4',
      ['create trigger t before insert on a for each row begin set @x = 1; end', 'select 1; select 2', 'select 3', 'select 4'],
    ],
  ])('%s: %s', (dialect, script, expected) => {
    expect(skeletons(script, dialect)).toEqual(expected)
  })

  test('and each statement knows its line', () => {
    expect(splitStatements('\n-- a\nselect 1;\n\n  select\n 2;', 'sqlite').map(({ line, text }) => [line, text])).toEqual([
      [3, 'select 1'],
      [5, 'select\n 2'],
    ])
  })

  test('whatever texts, names and comments hold, the statements are those that were joined', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ';', '"', '`', '$', '-', '/', '*', '\n', ' ', '#', '[', "''") }).map((inside) => `'${inside}'`)
    const name = fc.string({ unit: fc.constantFrom('a', ';', "'", '$', '-', ' ', '""') }).map((inside) => `"${inside}x"`)
    const comment = fc.string({ unit: fc.constantFrom('a', ';', "'", '"', '$', ' ') }).map((inside) => `--${inside}\n`)
    const statement = fc
      .array(fc.oneof(text, name, comment, fc.constant('a')), { minLength: 1, maxLength: 6 })
      .map((parts) => `select ${parts.join(' ')} from b`)
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), fc.constantFrom<Dialect>('sqlite', 'postgres'), (statements, dialect) => {
        expect(splitStatements(statements.join(';\n'), dialect).map((found) => found.text)).toEqual(statements)
      }),
    )
  })
})
