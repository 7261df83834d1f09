import { isPartywallError, parseTenantId, roles, type TenantIdOptions } from '@partywall/context'
import { shapeOf } from '@partywall/context/spi'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { deepFreeze } from './deep-freeze.ts'
import type { RegistryProblem } from './registry-error.ts'
import type { RegistryOptions } from './registry-options.ts'
import type { PathStep, TenantDocument } from './source.ts'
import type { Tenant } from './tenant.ts'

type TenantReading<Metadata> =
  | { readonly ok: true; readonly tenant: Tenant<Metadata> }
  | { readonly ok: false; readonly problems: readonly RegistryProblem[] }

// In every schema `error` says what is expected: problems tell shapes, never values.
const codePattern = /^[a-z][a-z0-9_.-]{0,62}$/
const code = z.string({ error: 'a code' }).regex(codePattern, {
  error: 'a code: a lower-case letter, then letters, digits, "_", "." or "-"',
})
const text = (maxLength: number) => {
  const error = `text of 1–${maxLength} characters without control characters`
  return z
    .string({ error })
    .min(1, { error })
    .max(maxLength, { error })
    .regex(/^\P{Cc}*$/u, { error })
}
const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'a date, or a date and time with an offset (ISO 8601), as text',
})
const scope = z.string({ error: 'a scope' }).regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,128}$/, {
  error: 'a scope: 1–128 printable characters without space, quote and backslash',
})
const member = z.strictObject(
  {
    issuer: text(2048),
    subject: text(255),
    role: z.enum(roles, { error: `one of ${roles.join(', ')}` }),
    scopes: z.array(scope, { error: 'a list' }).max(256, { error: 'at most 256' }).default([]),
  },
  { error: 'a map of issuer, subject, role and scopes' },
)
const document = z.strictObject(
  {
    tenant_id: z.string({ error: 'a tenant id as text; quote what YAML takes for a number' }),
    name: text(200),
    status: z.enum(['active', 'suspended'], { error: 'active or suspended' }),
    members: z.array(member, { error: 'a list' }).default([]),
    entitlements: z.array(code, { error: 'a list' }).default([]),
    limits: z
      .record(code, z.number({ error: 'a number' }).positive({ error: 'above 0' }), {
        error: 'numbers by name',
      })
      .default({}),
    created_at: moment,
    updated_at: moment,
    metadata: z.unknown().optional(),
  },
  { error: 'a map of the fields of a tenant' },
)
// A file is asked for its dates; what is written in code has the history of the code.
const undated = document.partial({ created_at: true, updated_at: true })

/** Checks one document. Tells everything that is wrong with it, by place. */
export async function readTenant<Metadata>(
  source: TenantDocument,
  options: RegistryOptions<Metadata>,
): Promise<TenantReading<Metadata>> {
  const problems: RegistryProblem[] = []
  const report = (path: readonly PathStep[], message: string): void => {
    problems.push(problemAt(source, path, message))
  }
  const parsed = (source.file === undefined ? undated : document).safeParse(source.value)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = issue.path.filter((step) => typeof step !== 'symbol')
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) report([...path, key], 'is no known field')
      } else {
        const found = valueAt(source.value, path)
        const shape = found === undefined ? 'missing' : shapeOf(found)
        report(path, `is ${shape}; expected ${issue.message}`)
      }
    }
    return { ok: false, problems }
  }
  const { tenant_id, name, status, members, entitlements, limits, ...rest } = parsed.data
  const tenantId = readId(tenant_id, options, report)
  members.forEach((one, index) => {
    const first = members.findIndex((it) => it.issuer === one.issuer && it.subject === one.subject)
    if (first < index) report(['members', index], `is the same person as members[${first}]`)
  })
  const metadata = await readMetadata(rest.metadata, options.metadata, report)
  if (tenantId === undefined || problems.length > 0) return { ok: false, problems }
  const tenant: Tenant<Metadata> = deepFreeze({
    tenantId,
    name,
    status,
    members,
    entitlements,
    limits,
    ...(rest.created_at === undefined ? {} : { createdAt: rest.created_at }),
    ...(rest.updated_at === undefined ? {} : { updatedAt: rest.updated_at }),
    // Without a schema the type parameter is `unknown`; with one this is what the schema returned.
    metadata: metadata as Metadata,
  })
  return { ok: true, tenant }
}

/** A problem with its place, as far as the source knows it. */
export function problemAt(
  { file, locate }: TenantDocument,
  path: readonly PathStep[],
  message: string,
): RegistryProblem {
  return Object.freeze({
    ...(file === undefined ? {} : { file }),
    ...locate?.(path),
    ...(path.length === 0 ? {} : { path: textOf(path) }),
    message,
  })
}

function readId(
  value: string,
  options: TenantIdOptions,
  report: (path: readonly PathStep[], message: string) => void,
): Tenant['tenantId'] | undefined {
  try {
    return parseTenantId(value, options)
  } catch (error) {
    if (!isPartywallError(error)) throw error
    report(['tenant_id'], `is no tenant id: ${error.message}`)
    return undefined
  }
}

async function readMetadata(
  value: unknown,
  schema: StandardSchemaV1 | undefined,
  report: (path: readonly PathStep[], message: string) => void,
): Promise<unknown> {
  if (schema === undefined) return value
  try {
    const result = await schema['~standard'].validate(value)
    if (result.issues === undefined) return result.value
    for (const { path = [] } of result.issues) {
      const steps = path.map((step) => (typeof step === 'object' ? step.key : step))
      const known = steps.filter((step) => typeof step !== 'symbol')
      // The schema's own message may quote the value.
      report(['metadata', ...known], 'is refused by the metadata schema')
    }
  } catch {
    report(['metadata'], 'made the metadata schema throw')
  }
  return undefined
}

function valueAt(value: unknown, path: readonly PathStep[]): unknown {
  return path.reduce<unknown>((found, step) => {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    // Narrowed to an object that has this key.
    return (found as Record<PathStep, unknown>)[step]
  }, value)
}

/** `members[2].role`; a key that is no plain word is left out, because it could be anything. */
function textOf(path: readonly PathStep[]): string {
  return path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`
    const word = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(step) ? step : '(another key)'
    return before === '' ? word : `${before}.${word}`
  }, '')
}
