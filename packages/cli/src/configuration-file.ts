import { readFile } from 'node:fs/promises'
import { type Severity, severities, shapeOf } from '@partywall/context/spi'
import * as z from 'zod'
import type { Problem } from './cli-error.ts'

/** What `partywall.json` may say. Paths are relative to the file. */
export interface ConfigurationFile {
  readonly state?: string
  readonly flagFile?: string
  readonly violationLog?: string
  readonly aggregates?: string
  readonly registry?: string
  readonly schema?: string
  readonly expectedInstances?: readonly string[]
  readonly models?: Readonly<Record<string, Severity>>
  /** What the flags are called, where the service calls them otherwise. */
  readonly flagNames?: {
    readonly enforcementPrefix?: string
    readonly tenancyEnabled?: string
    readonly tenancyPrefix?: string
  }
}

/** With any problem, `content` is empty. */
export interface ConfigurationReading {
  readonly content: ConfigurationFile
  readonly problems: readonly Problem[]
}

/** A configuration holds a few lines; what is longer is something else. */
const largestBytes = 256 * 1024

const path = z
  .string('a path')
  .refine((text) => text.trim() !== '' && !text.includes('\0'), 'a path')
const instance = 'a name of 1–63 letters, digits, ., _ or -'

/** What an instance may be called. */
export const instanceNames: { readonly pattern: RegExp; readonly expected: string } = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  expected: instance,
}
const instances = z
  .array(z.string(instance).regex(instanceNames.pattern, instance), 'a list of instance names')
  .min(1, 'at least one instance')
  .refine((names) => new Set(names).size === names.length, 'each instance once')
const models = z
  .record(
    z.string().regex(/^[^,\s](?:[^,]{0,98}[^,\s])?$/, 'a model name without commas'),
    z.enum(severities, `one of ${severities.join(', ')}`),
    'an object: model name to severity',
  )
  .refine((it) => Object.keys(it).length > 0, 'at least one model')

const prefix = 'capitals, digits and _, with _ at the end'
const variable = 'capitals, digits and _'
const flagNames = z.strictObject(
  {
    enforcementPrefix: z
      .string(prefix)
      .regex(/^[A-Z][A-Z0-9_]{0,60}_$/, prefix)
      .exactOptional(),
    tenancyEnabled: z
      .string(variable)
      .regex(/^[A-Z][A-Z0-9_]{0,60}$/, variable)
      .exactOptional(),
    tenancyPrefix: z
      .string(prefix)
      .regex(/^[A-Z][A-Z0-9_]{0,60}_$/, prefix)
      .exactOptional(),
  },
  'an object with enforcementPrefix, tenancyEnabled or tenancyPrefix',
)

const schema: z.ZodType<ConfigurationFile> = z.strictObject(
  {
    state: path.exactOptional(),
    flagFile: path.exactOptional(),
    violationLog: path.exactOptional(),
    aggregates: path.exactOptional(),
    registry: path.exactOptional(),
    schema: path.exactOptional(),
    expectedInstances: instances.exactOptional(),
    models: models.exactOptional(),
    flagNames: flagNames.exactOptional(),
  },
  'one JSON object',
)

const configurationKeys =
  'state, flagFile, violationLog, aggregates, registry, schema, expectedInstances, models, flagNames'

/** Reads a configuration file, and says everything that is wrong with it. */
export async function readConfigurationFile(file: string): Promise<ConfigurationReading> {
  try {
    return parseConfiguration(await readFile(file, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return wrong(`unreadable (${code})`, `a readable JSON file at ${file}`)
  }
}

/** Checks the text of a configuration file. */
export function parseConfiguration(text: string): ConfigurationReading {
  if (text.length > largestBytes) return wrong(`${text.length} characters long`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return wrong(text.trim() === '' ? 'empty' : 'no complete JSON')
  }
  // JSON.parse keeps the last of two equal keys, silently.
  if (countKeysIn(text) !== countKeysOf(value)) return wrong('an object that repeats a key')
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return { content: parsed.data, problems: [] }
  return { content: {}, problems: parsed.error.issues.flatMap(problemsOf) }
}

function wrong(shape: string, expected = 'one JSON object, each key once'): ConfigurationReading {
  return { content: {}, problems: [{ name: 'the configuration', shape, expected }] }
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  const place = issue.path.map((part) => nameOf(String(part))).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      name: [...issue.path.map((part) => nameOf(String(part))), nameOf(key)].join('.'),
      shape: 'an unknown key',
      expected: issue.path.length === 0 ? `one of ${configurationKeys}` : 'no such key',
    }))
  }
  const name = place === '' ? 'the configuration' : place
  const expected = issue.code === 'invalid_key' ? 'a model name without commas' : issue.message
  return [{ name, shape: shapeOf(issue.input), expected }]
}

/** A key that looks like a name is told; anything else might be a value in the wrong place. */
function nameOf(key: string): string {
  return /^[A-Za-z0-9_$-]{1,40}$/.test(key) ? key : 'a key'
}

function countKeysIn(text: string): number {
  const strings = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)
  return [...strings].filter((match) => match[1] !== undefined).length
}

function countKeysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value).reduce<number>((sum, each) => sum + countKeysOf(each), 0)
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length)
}
