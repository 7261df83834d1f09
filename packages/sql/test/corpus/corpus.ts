import type { Topic } from './case.ts'
import * as input from './input.ts'
import * as joins from './joins.ts'
import * as json from './json.ts'
import * as addedColumns from './live/added-columns.ts'
import * as attributes from './live/attributes.ts'
import * as comparedKeys from './live/compared-keys.ts'
import * as conditions from './live/conditions.ts'
import * as conflicts from './live/conflicts.ts'
import * as drizzle from './live/drizzle.ts'
import * as everyday from './live/everyday.ts'
import * as extremes from './live/extremes.ts'
import * as foundKeys from './live/found-keys.ts'
import * as keys from './live/keys.ts'
import * as knex from './live/knex.ts'
import * as kysely from './live/kysely.ts'
import * as listed from './live/listed.ts'
import * as mentions from './live/mentions.ts'
import * as merge from './live/merge.ts'
import * as names from './live/names.ts'
import * as liveNesting from './live/nesting.ts'
import * as outerJoins from './live/outer-joins.ts'
import * as places from './live/places.ts'
import * as postgresql from './live/postgresql.ts'
import * as prisma from './live/prisma.ts'
import * as pushedKeys from './live/pushed-keys.ts'
import * as sameRow from './live/same-row.ts'
import * as sameThroughRow from './live/same-through-row.ts'
import * as sequelize from './live/sequelize.ts'
import * as shared from './live/shared.ts'
import * as stars from './live/stars.ts'
import * as storedRows from './live/stored-rows.ts'
import * as through from './live/through.ts'
import * as typed from './live/typed.ts'
import * as typeorm from './live/typeorm.ts'
import * as unnested from './live/unnested.ts'
import * as views from './live/views.ts'
import * as liveWrites from './live/writes.ts'
import * as nesting from './nesting.ts'
import * as reads from './reads.ts'
import * as sharedState from './shared-state.ts'
import * as slots from './slots.ts'
import * as writes from './writes.ts'

/** Statements on tables that are declared and no more. */
export const declaredTopics: readonly Topic[] = [
  reads,
  joins,
  nesting,
  slots,
  json,
  writes,
  sharedState,
  input,
]

/** Statements on tables that a catalogue tells of. */
export const liveTopics: readonly Topic[] = [
  names,
  mentions,
  places,
  addedColumns,
  attributes,
  conditions,
  typed,
  keys,
  conflicts,
  through,
  foundKeys,
  sameRow,
  sameThroughRow,
  pushedKeys,
  comparedKeys,
  stars,
  storedRows,
  shared,
  outerJoins,
  liveNesting,
  unnested,
  listed,
  extremes,
  views,
  everyday,
  liveWrites,
  merge,
  drizzle,
  knex,
  kysely,
  postgresql,
  prisma,
  sequelize,
  typeorm,
]

/** All the statements of some topics. */
export function together(topics: readonly Topic[]): Required<Topic> {
  return {
    accepted: topics.flatMap(({ accepted = [] }) => accepted),
    leaking: topics.flatMap(({ leaking = [] }) => leaking),
    damaging: topics.flatMap(({ damaging = [] }) => damaging),
    refused: topics.flatMap(({ refused = [] }) => refused),
    safeButRefused: topics.flatMap(({ safeButRefused = [] }) => safeButRefused),
  }
}

/** Each case under its title, as `it.each` takes it. */
export function named<Each extends readonly [why: string, ...rest: unknown[]]>(
  cases: readonly Each[],
): [string, Each][] {
  return cases.map((each) => [each[0], each])
}
