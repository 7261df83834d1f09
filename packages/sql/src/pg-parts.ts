import { EventEmitter } from 'node:events'
import { type Expected, hasMethods, isObject } from './known-options.ts'

// Of what is guarded, only harmless members are there: `options` and `processID` are none.

export const aPool: Expected = {
  words: 'a pool of pg that is not guarded yet',
  fits: (value) =>
    value instanceof EventEmitter &&
    'options' in value &&
    hasMethods(value, ['connect', 'query']) &&
    !('processID' in value),
}

/** Also one of `pg.native`: it is refused by its name. */
export const aClient: Expected = {
  words: 'a client of pg that is not guarded yet',
  fits: (value) =>
    isObject(value) &&
    ('native' in value || ('processID' in value && hasMethods(value, ['query']))),
}
