import { currentTenant } from '@partywall/context'
import type { TenantSchema } from '@partywall/sql'
import { aTenantSchema, type Expected, type KnownOptions, names } from '@partywall/sql/door'
import { bindCalls, isBound } from './client-call.ts'
import { insideOf } from './client-inside.ts'
import { confineArgs } from './confine-args.ts'
import { inClient, inOptions } from './given.ts'
import { keepOwnErrors } from './own-errors.ts'
import { type ClientModels, ownedModels } from './owned-models.ts'
import { PrismaGuardError } from './prisma-guard-error.ts'
import { readPrismaSchema } from './prisma-schema.ts'
import { createQueryScope } from './scope-query.ts'

export interface TenantExtensionOptions {
  /** The schema that the guard proves with. */
  readonly schema: TenantSchema
  /**
   * The models into whose calls the tenant is written. Of every other one it must be in the call:
   * how strict that is, the guard's enforcement says for each model.
   * @defaultValue `'none'`
   */
  readonly confine?: 'all' | 'none' | readonly string[] | undefined
}

const extensionOptions: KnownOptions<TenantExtensionOptions> = {
  schema: aTenantSchema,
  confine: {
    words: `'all', 'none' or a list of models`,
    fits: (value) =>
      value === undefined || value === 'all' || value === 'none' || names.fits(value),
  },
}

const aClient: Expected = {
  words: 'a PrismaClient',
  fits: (value) => typeof value === 'object' && value !== null,
}

/** A call of a model, as Prisma hands it to extensions. */
interface ModelCall {
  readonly model: string
  readonly operation: string
  readonly args: unknown
  readonly query: (args: never) => Promise<unknown>
}

/** The one method of a client that extensions need. */
interface Extensible {
  $extends(extension: object): unknown
}

/**
 * Extends a client whose adapter is guarded: every call keeps the scope that it was made in, records
 * name its model and action, and the calls of confined models get the tenant.
 * @throws {@link PrismaGuardError} `prisma.client` when the client has no guarded adapter or another
 * engine, or is extended already; `prisma.options` when an option is misspelt or does not fit, or a
 * model is not declared.
 * @example
 * ```ts
 * const prisma = new PrismaClient({ adapter: guardAdapter(adapter, guard) }).$extends(
 *   tenantExtension({ schema }),
 * )
 * ```
 */
export function tenantExtension(
  options: TenantExtensionOptions,
): <Client extends object>(client: Client) => Client {
  inOptions.options<TenantExtensionOptions>('options', options, extensionOptions)
  const { schema } = options
  const confined = confinedModels(options)
  return <Client extends object>(client: Client): Client => {
    inClient.value('the client', client, aClient)
    const inside = insideOf(client)
    if (isBound(inside.loader)) {
      throw new PrismaGuardError('prisma.client', 'the client is extended already')
    }
    const models = ownedModels(readPrismaSchema(inside.schema), schema, confined)
    keepOwnErrors(inside.errors)
    bindCalls(inside.loader, createQueryScope({ schema, models: confined }))
    if (confined.size === 0) return client
    // Every client has it; an extension of queries alone changes nothing of its type.
    return (client as Client & Extensible).$extends(queryExtension(models)) as Client
  }
}

function queryExtension(models: ClientModels): object {
  return {
    name: '@partywall/prisma',
    query: {
      $allModels: {
        $allOperations: ({ model, operation, args, query }: ModelCall) => {
          const tenant = currentTenant()
          if (tenant === undefined) return query(args as never)
          return query(confineArgs({ model, action: operation, args }, models, tenant) as never)
        },
      },
    },
  }
}

function confinedModels({ schema, confine = 'none' }: TenantExtensionOptions): ReadonlySet<string> {
  const declared = Object.keys(schema.models)
  if (confine === 'all') return new Set(declared)
  if (confine === 'none') return new Set()
  const unknown = confine.find((model) => !declared.includes(model))
  if (unknown !== undefined) {
    throw new PrismaGuardError('prisma.options', 'confine names a model that the schema has not')
  }
  return new Set(confine)
}
