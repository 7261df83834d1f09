import { runWithTenant } from '@partywall/context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Door, doorNames, openDoor } from './doors.ts'
import { acme, allRows, CountingClient, type Shop, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  // Names that only look like ours, and one that is cut to 63 bytes.
  await shop.raw.query(
    `create table "órders" (tenant_id text); create table "ORDERS" (tenant_id text)`,
  )
})
afterAll(() => shop.stop())

const own = `select item from orders where tenant_id = 'acme'`

/** Texts that one reader could take for confined and another for open. */
const confusing: Readonly<Record<string, string>> = {
  'a NUL that would end the text': `${own}\0 or true`,
  'a NUL before the table': `select 1\0; select * from orders`,
  'half a character': `${own} and item <> '\ud800'`,
  'a name of other code points': `select * from "o\u0301rders"`,
  'a name of the composed code point': 'select * from "\u00f3rders"',
  'a full-width name': 'select * from ｏｒｄｅｒｓ',
  'a name in capitals that quoting keeps': 'select * from "ORDERS"',
  'a name by escapes': `select * from U&"\\006frders"`,
  'a name by escapes of its own': `select * from U&"!006frders" UESCAPE '!'`,
  'a nested comment that ends once': `${own} /* /* */ */ or true`,
  'a nested comment': `select * from orders /* /* */ where tenant_id = 'acme' */`,
  'a comment that hides the condition': `select item from orders -- where tenant_id = 'acme'`,
  'a comment that a carriage return ends': `select item from orders --\r where tenant_id = 'acme' or true`,
  'an operator that is no comment': `${own} or true --`,
  'a dollar quote': `select item from orders where tenant_id = 'acme' or item = $a$' and '$a$`,
  'a dollar quote that looks closed': `select $q$ $q $q$ from orders`,
  'a backslash before the quote': `select item from orders where tenant_id = 'acme\\' or true --'`,
  'an escape string': `select item from orders where tenant_id = e'acme\\' or true --'`,
  'a string that goes on in the next line': `select item from orders where tenant_id = 'ac'\n'me' or true`,
  'a space that is none': `select item from orders where tenant_id\u00a0= 'acme' or true`,
  'a direction mark': `${own} \u202e or true`,
  'a byte order mark': `\ufeffselect * from orders`,
  'a second statement': `${own};;;delete from orders`,
  'standard_conforming_strings off': 'set standard_conforming_strings = off',
  'the same by a function': `select set_config('standard_conforming_strings', 'off', false)`,
  'the same for the transaction': 'set local standard_conforming_strings = off',
  'backslash_quote on': 'set backslash_quote = on',
  'another encoding': `set client_encoding = 'SJIS'`,
  'another search path': 'set search_path = pg_temp',
  'another role': 'set role postgres',
  'everything forgotten': 'discard all',
  'a text of 65 537 characters': `${own}${' '.repeat(65_537 - own.length)}`,
  'a very long text that ends open': `select item from orders where tenant_id = 'acme' ${'and true '.repeat(40_000)} or true`,
  'a deep text': `select item from orders where ${'('.repeat(20_000)}tenant_id = 'acme'${')'.repeat(20_000)}`,
}

describe.each(doorNames)('through %s', (name) => {
  let door: Door
  beforeAll(() => {
    door = openDoor(name, shop)
  })
  afterAll(() => door.end())

  it.each(Object.entries(confusing))('refuses %s, once and again', async (_, text) => {
    CountingClient.sent = []
    // The confined text is remembered beside it.
    await runWithTenant(acme, () => door.send(own))
    for (let round = 0; round < 2; round += 1) {
      await expect(runWithTenant(acme, () => door.send(text))).rejects.toMatchObject({
        code: 'TENANT_CONTEXT_REQUIRED',
      })
    }
    expect(CountingClient.sent).toEqual([own])
    expect(await shop.rows()).toEqual(allRows)
  })

  it.each([
    ['comments', `select /* /* ' */ */ item -- '\n from orders where tenant_id = 'acme'`],
    ['escapes', `select item from U&"\\006frders" where tenant_id = U&'\\0061cme'`],
    ['capitals that mean the same', `SELECT ITEM FROM ORDERS WHERE TENANT_ID = 'acme'`],
    ['a literal in two lines', `select item from orders where tenant_id = 'ac'\n'me'`],
    ['a long text', `${own} and true${' '.repeat(60_000)}`],
  ])('answers a confined text with %s with the rows of its tenant', async (_, text) => {
    let rows: readonly unknown[] | undefined
    try {
      rows = await runWithTenant(acme, () => door.send(text))
    } catch (error) {
      // Not proved is safe; proved must be right.
      expect(error).toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
      return
    }
    expect(rows).toHaveLength(2)
  })
})
