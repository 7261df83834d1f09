import { describe, expect, it } from 'vitest'
import { createSessionSettings } from '../src/doors/session-settings.ts'

describe('a session is known', () => {
  it.each([
    ['standard_conforming_strings', 'on', 'off'],
    ['client_encoding', 'UTF8', 'SJIS'],
    ['client_encoding', 'UTF8', 'LATIN1'],
    ['server_encoding', 'UTF8', 'LATIN1'],
    ['server_encoding', 'UTF8', 'SQL_ASCII'],
    ['server_version', '18.4', '13.20'],
    ['server_version', '16.3 (Debian 16.3-1)', '9.6.24'],
    ['server_version', '19devel', 'unknown'],
    ['transform_null_equals', 'off', 'on'],
    ['search_path', '"$user", public', 'other, public'],
    ['search_path', 'public, pg_temp', 'pg_temp, public'],
  ])('while %s is %s, and not while it is %s', (name, usual, other) => {
    const settings = createSessionSettings({ path: undefined })
    expect(settings.isKnown).toBe(true)
    settings.reported(name, usual)
    expect(settings.isKnown).toBe(true)
    settings.reported(name, other)
    expect(settings.isKnown).toBe(false)
    settings.reported('TimeZone', 'UTC')
    settings.reported('constructor', 'x')
    expect(settings.isKnown).toBe(false)
    settings.reported(name, usual)
    expect(settings.isKnown).toBe(true)
  })
})

it('has the search path that the first session of the same client had', () => {
  const shared = { path: undefined }
  createSessionSettings(shared).reported('search_path', 'public')
  const second = createSessionSettings(shared)
  second.reported('search_path', 'other')
  expect(second.isKnown).toBe(false)
  const foreign = createSessionSettings({ path: undefined })
  foreign.reported('search_path', 'other')
  expect(foreign.isKnown).toBe(true)
})

it('is unknown where temporary tables would hide others, from the first session on', () => {
  for (const path of ['pg_temp, public', '"pg_temp_3", public', 'a, pg_temp, b']) {
    const settings = createSessionSettings({ path: undefined })
    settings.reported('search_path', path)
    expect(settings.isKnown, path).toBe(false)
  }
})
