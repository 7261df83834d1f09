import { PrismaGuardError } from './prisma-guard-error.ts'

/** A field of a model, as the Prisma schema declares it. */
export interface PrismaField {
  readonly name: string
  /** A scalar, an enum or a model. */
  readonly type: string
  /** The column, where the field is one. */
  readonly column: string
  readonly isList: boolean
  /** What `@db` says of the column: `Uuid` of `@db.Uuid`. */
  readonly native: string | undefined
  readonly relation: PrismaRelation | undefined
}

/** The side of a relation that a field stands for. */
export interface PrismaRelation {
  readonly name: string | undefined
  /** The fields of this model that hold the key; none on the other side. */
  readonly fields: readonly string[]
  /** The fields of the related model that they refer to. */
  readonly references: readonly string[]
}

export interface PrismaModel {
  readonly name: string
  readonly table: string
  /** The database schema, where the model names one. */
  readonly schema: string | undefined
  readonly isView: boolean
  readonly fields: ReadonlyMap<string, PrismaField>
}

/** A type of the database's own. */
export interface PrismaEnum {
  readonly name: string
  readonly schema: string | undefined
}

/** What the Prisma schema says of models and their relations: the client keeps only a part of it. */
export type PrismaModels = ReadonlyMap<string, PrismaModel>

/** Up to the first brace outside a string: Prisma has no others inside. */
const block = /\s*(\w+)\s+([\p{L}\p{N}_-]+)\s*\{((?:"(?:[^"\\\n]|\\.)*"|[^"}])*)\}\s*/guy
const field =
  /^\s*([\p{L}\p{N}_]+)\s+([\p{L}\p{N}_]+)(?:\("(?:[^"\\]|\\.)*"\))?(\[\]|\?)?(?=[\s@]|$)(.*)$/su

interface Block {
  readonly kind: string
  readonly name: string
  readonly body: string
}

/** The blocks that a text consists of: what is overlooked would be a table that nobody confines. */
function blocksIn(given: string): readonly Block[] {
  const text = withoutComments(given.replace(/\r\n?/g, '\n'))
  const blocks: Block[] = []
  let read = 0
  for (const [all, kind = '', name = '', body = ''] of text.matchAll(block)) {
    blocks.push({ kind, name, body })
    read += all.length
  }
  const rest = text.slice(read)
  if (rest.trim() === '') return blocks
  const line = text.slice(0, text.length - rest.trimStart().length).split('\n').length
  throw unreadable(`line ${line} of the schema begins no block that can be read`)
}

/**
 * Reads the models of a Prisma schema that Prisma has accepted.
 * @throws {@link PrismaGuardError} `prisma.schema` when there is no model in it, or what cannot be read.
 */
export function readPrismaSchema(text: string): PrismaModels {
  const blocks = blocksIn(text).filter(({ kind }) => kind === 'model' || kind === 'view')
  if (blocks.length === 0) throw unreadable('the schema has no models')
  const names = new Set(blocks.map(({ name }) => name))
  return new Map(blocks.map((each) => [each.name, readModel(each, names)]))
}

/** Reads the enums of a Prisma schema, as the database calls them. */
export function readPrismaEnums(text: string): readonly PrismaEnum[] {
  return blocksIn(text)
    .filter(({ kind }) => kind === 'enum')
    .map(({ name, body }) => ({
      name: stringIn(attributeIn(body, '@@map')) ?? name,
      schema: stringIn(attributeIn(body, '@@schema')),
    }))
}

/** A string may hold what looks like a comment. Lines stay where they are. */
function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (comment: string, string?: string) => string ?? comment.replace(/[^\n]+/g, ' '),
  )
}

function readModel({ kind, name, body }: Block, models: ReadonlySet<string>): PrismaModel {
  const fields = new Map<string, PrismaField>()
  for (const line of declarationsIn(body)) {
    if (/^\s*(?:@@|$)/.test(line)) continue
    const [, called, type = '', many = '', attributes = ''] = field.exec(line) ?? []
    if (called === undefined) throw unreadable(`a line of the model ${name} cannot be read`)
    fields.set(called, {
      name: called,
      type,
      column: stringIn(attributeIn(attributes, '@map')) ?? called,
      isList: many === '[]',
      native: /@\w+\.(\w+)/.exec(withoutStrings(attributes))?.[1],
      relation: models.has(type) ? readRelation(attributeIn(attributes, '@relation')) : undefined,
    })
  }
  return {
    name,
    table: stringIn(attributeIn(body, '@@map')) ?? name,
    schema: stringIn(attributeIn(body, '@@schema')),
    isView: kind === 'view',
    fields,
  }
}

/** The lines of a model; one with an open parenthesis goes on. */
function declarationsIn(body: string): readonly string[] {
  const lines: string[] = []
  let open = 0
  for (const line of body.split('\n')) {
    if (open > 0) lines.push(`${lines.pop() ?? ''} ${line}`)
    else lines.push(line)
    const bare = withoutStrings(line)
    open += bare.split('(').length - bare.split(')').length
  }
  return lines
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '')
}

function readRelation(argument: string | undefined): PrismaRelation {
  return {
    name: argument === undefined ? undefined : (named(argument) ?? stringIn(argument)),
    fields: listIn(argument ?? '', 'fields'),
    references: listIn(argument ?? '', 'references'),
  }
}

/** What stands between the parentheses of an attribute. */
function attributeIn(text: string, name: string): string | undefined {
  const found = new RegExp(`(?<!@)${name}\\s*\\(`).exec(text)
  return found === null ? undefined : argumentsAt(text, found.index + found[0].length)
}

function argumentsAt(text: string, start: number): string {
  let depth = 1
  let quoted = false
  for (let end = start; end < text.length; end += 1) {
    const character = text[end]
    if (character === '\\') end += 1
    else if (character === '"') quoted = !quoted
    else if (!quoted && character === '(') depth += 1
    else if (!quoted && character === ')') depth -= 1
    if (depth === 0) return text.slice(start, end)
  }
  return text.slice(start)
}

/** The first argument as a string, or the one that is called `name` or `map`. */
function stringIn(text: string | undefined): string | undefined {
  const [, value] = /^\s*(?:name\s*:\s*)?"((?:[^"\\]|\\.)*)"/.exec(text ?? '') ?? []
  return value?.replace(/\\(.)/g, '$1')
}

function named(text: string): string | undefined {
  return /\bname\s*:\s*"([^"]*)"/.exec(text)?.[1]
}

/** The fields in the list of this name. */
function listIn(text: string, name: string): readonly string[] {
  const [, list = ''] = new RegExp(`\\b${name}\\s*:\\s*\\[([^\\]]*)\\]`).exec(text) ?? []
  return list
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
}

function unreadable(message: string): PrismaGuardError {
  return new PrismaGuardError('prisma.schema', message)
}
