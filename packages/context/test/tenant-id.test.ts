import { isPartywallError, parseTenantId } from '@partywall/context'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const codeOf = (value: unknown, pattern?: RegExp): string | undefined => {
  try {
    parseTenantId(value, { pattern })
    return undefined
  } catch (error) {
    return isPartywallError(error) ? error.code : 'another error'
  }
}

describe('parseTenantId', () => {
  it('tells a missing id from a bad one', () => {
    expect(codeOf(undefined)).toBe('tenant.missing')
    expect(codeOf(null)).toBe('tenant.missing')
    for (const bad of ['', ' ', 'Acme', 'acme ', 'acme\n', '-a', 'a-', 'a_b', 'a.b', '../b', 'é']) {
      expect(codeOf(bad), JSON.stringify(bad)).toBe('tenant.invalid')
    }
    for (const bad of [1, true, {}, ['acme'], new String('acme')]) {
      expect(codeOf(bad), String(bad)).toBe('tenant.invalid')
    }
  })

  it('accepts one to sixty-three characters, and folds nothing', () => {
    expect(parseTenantId('a')).toBe('a')
    expect(parseTenantId('acme-corp-2')).toBe('acme-corp-2')
    expect(parseTenantId('a'.repeat(63))).toHaveLength(63)
    expect(codeOf('a'.repeat(64))).toBe('tenant.invalid')
  })

  it('tells the shape of a bad id and never the id', () => {
    expect(() => parseTenantId('SECRET-TENANT')).toThrow(/a string of 13 characters/)
    expect(() => parseTenantId('SECRET-TENANT')).not.toThrow(/SECRET/)
  })

  it('widens by option, but never beyond what is safe in paths, keys, headers and labels', () => {
    expect(parseTenantId('t_acme', { pattern: /^t_[a-z0-9_-]+$/ })).toBe('t_acme')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        if (codeOf(text, /.*/s) === undefined) {
          expect(text).toMatch(/^[a-z0-9][a-z0-9._-]{0,62}$/)
          expect(text).not.toMatch(/[.-]$/)
        }
      }),
      { numRuns: 2000 },
    )
    for (const bad of [
      '..',
      '.',
      'a/b',
      'a:b',
      'a b',
      'a\u0000',
      'A',
      'a*',
      'a{b}',
      '%2e',
      'a\r\nb',
    ]) {
      expect(codeOf(bad, /.*/s), JSON.stringify(bad)).toBe('tenant.invalid')
    }
  })

  it('is not confused by a pattern that remembers where it stopped, or that matches a part', () => {
    const sticky = /[a-z]+/g
    for (let round = 0; round < 3; round += 1) expect(codeOf('acme', sticky)).toBeUndefined()
    expect(codeOf('acme9', sticky)).toBe('tenant.invalid')
  })
})
