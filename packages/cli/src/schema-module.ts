import { access, constants } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { TenantSchema } from '@partywall/sql'
import { misconfigured } from './cli-error.ts'

/**
 * The tenant schema that a module exports, as default or as `schema`: what `defineTenantSchema` gave,
 * of whichever copy of the package. It runs the module.
 * @throws {@link CliError} `cli.configuration` when there is none.
 */
export async function importSchema(path: string): Promise<TenantSchema> {
  const found = await importModule(path)
  const schema = [found, Reflect.get(found, 'default')]
    .flatMap((each) => [Reflect.get(Object(each), 'default'), Reflect.get(Object(each), 'schema')])
    .find(isTenantSchema)
  if (schema !== undefined) return schema
  throw misconfigured(
    `the module of the tenant schema exports none: export what defineTenantSchema gave, as default or as schema: ${path}`,
  )
}

async function importModule(path: string): Promise<object> {
  try {
    await access(path, constants.R_OK)
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as object
  } catch (cause) {
    const what = 'the module of the tenant schema cannot be'
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      const todo = 'give the JavaScript that it is built to, or use Node 22.18 or newer'
      throw misconfigured(`${what} read by this Node: ${todo}: ${path}`, { cause })
    }
    if (cause instanceof Error && 'syscall' in cause) {
      throw misconfigured(`${what} read (${code}): ${path}`, { cause })
    }
    const why = cause instanceof Error ? cause.message : 'it throws something that is no error'
    throw misconfigured(`${what} loaded: ${path}\n${why}`, { cause })
  }
}

function isTenantSchema(value: unknown): value is TenantSchema {
  if (typeof value !== 'object' || value === null) return false
  const isFunction = (name: string): boolean => typeof Reflect.get(value, name) === 'function'
  const relations: unknown = Reflect.get(value, 'relations')
  return relations instanceof Map && isFunction('relation') && isFunction('view')
}
