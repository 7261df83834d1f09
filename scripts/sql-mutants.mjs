// Every way in which one rule of a source can be broken: conditions forced, arms dropped, what a
// rule does left out. Each is one change of the text.

/** Constructs in which nothing is a rule: what only people read. */
const words = new Set(['Unprovable', 'unsupported', 'SqlGuardError', 'invalid'])

/**
 * The mutants of a source, parsed as ESTree with ranges: `{ start, end, text, find, inside, line }`,
 * where `find` is what is replaced and `inside` the function that it stands in.
 */
export function mutantsOf(program, source) {
  const mutants = []
  const flat = (text) => text.replace(/\s+/g, ' ').trim()
  const textOf = ({ start, end }) => source.slice(start, end)

  function add(node, text, inside) {
    const { start, end } = node
    const line = source.slice(0, start).split('\n').length
    const find = flat(textOf(node))
    mutants.push({ start, end, text, find, replace: flat(text), inside, line })
  }

  /** A condition that is always true, and one that never is. */
  function force(test, inside) {
    add(test, `true || (${textOf(test)})`, inside)
    add(test, `false && (${textOf(test)})`, inside)
  }

  /** What keeps the right side from failing: without it the proof fails, which is a refusal. */
  function isGuard(left, right) {
    const tested = left.type === 'BinaryExpression' && isNothing(left.right) ? left.left : left
    const chain = tested.type === 'ChainExpression' ? tested.expression : tested
    if (chain.type !== 'Identifier' && chain.type !== 'MemberExpression') return false
    const [name] = textOf(chain).match(/^\w+/) ?? []
    return name !== undefined && new RegExp(`\\b${name}\\b`).test(right)
  }

  const rules = {
    IfStatement: ({ test }, inside) => force(test, inside),
    ConditionalExpression: ({ test }, inside) => force(test, inside),
    LogicalExpression(node, inside) {
      const { left, right, operator } = node
      if (!isFallback(operator, right)) add(node, textOf(left), inside)
      if (!isGuard(left, textOf(right))) add(node, textOf(right), inside)
    },
    /** A step that is left out; a value that is asked for elsewhere is not. */
    ExpressionStatement(node, inside) {
      const { type } = node.expression
      if (type === 'CallExpression' || type === 'AssignmentExpression') add(node, ';', inside)
    },
    ReturnStatement({ argument }, inside) {
      if (argument?.type === 'ArrayExpression' && argument.elements.length > 0) {
        add(argument, '[]', inside)
      }
    },
    /** Allowlists: each member is there for a statement. */
    NewExpression({ callee, arguments: [list] }, inside) {
      if (callee.name !== 'Set' && callee.name !== 'Map') return
      if (list?.type !== 'ArrayExpression' || list.elements.length > 20) return
      if (list.elements.length < 2) return
      for (const [i, element] of list.elements.entries()) {
        const rest = list.elements.filter((_, other) => other !== i).map(textOf)
        if (element.type === 'SpreadElement' || element.type === 'Identifier') continue
        add(list, `[${rest.join(', ')}]`, inside)
      }
    },
    CallExpression(node, inside) {
      const { callee } = node
      if (callee.type !== 'MemberExpression' || callee.computed) return
      const of = textOf(callee.object)
      const args = source.slice(callee.end, node.end)
      if (callee.property.name === 'some') add(node, `${of}.every${args}`, inside)
      if (callee.property.name === 'every') add(node, `${of}.some${args}`, inside)
      if (callee.property.name === 'filter') add(node, of, inside)
    },
    /** Facts that are not told. */
    Property({ key, value }, inside) {
      if (key.name !== 'facts' || value.type === 'Identifier') return
      if (value.type === 'ArrayExpression' && value.elements.length === 0) return
      add(value, '[]', inside)
    },
    BinaryExpression(node, inside) {
      const { operator, left, right } = node
      const turned = { '>': '>=', '<': '<=', '>=': '>', '<=': '<' }[operator]
      if (turned !== undefined) add(node, `${textOf(left)} ${turned} ${textOf(right)}`, inside)
    },
    SpreadElement(node, inside) {
      if (node.argument.type !== 'ConditionalExpression') add(node, '...[]', inside)
    },
  }

  function walk(node, inside, parent) {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) {
      for (const each of node) walk(each, inside, parent)
      return
    }
    if (typeof node.type === 'string') {
      if (node.type.startsWith('TS') && !/^TS(?:As|Satisfies|NonNull)/.test(node.type)) return
      if (node.type === 'ImportDeclaration' || node.type === 'ThrowStatement') return
      if (node.type === 'NewExpression' && words.has(node.callee.name)) return
      const isSpreadOfObject = node.type === 'SpreadElement' && parent?.type === 'ObjectExpression'
      const name = nameOf(node, parent)
      const here = name ?? inside
      if (!isSpreadOfObject) rules[node.type]?.(node, here)
      for (const [key, value] of Object.entries(node)) {
        if (key !== 'type' && key !== 'start' && key !== 'end') walk(value, here, node)
      }
    }
  }
  walk(program, 'module', undefined)
  return mutants
}

/** What stands for nothing where there is nothing. */
function isFallback(operator, { type, name, value, elements, properties }) {
  if (operator !== '??') return false
  if (name === 'nothingKnown' || name === 'nothing' || name === 'none') return true
  return (
    value === '' || elements?.length === 0 || (type === 'ObjectExpression' && properties.length < 2)
  )
}

function isNothing({ type, name, value }) {
  return name === 'undefined' || (type === 'Literal' && value === null)
}

function nameOf(node, parent) {
  if (node.type === 'FunctionDeclaration') return node.id?.name
  if (!/Function/.test(node.type)) return undefined
  if (parent?.type === 'VariableDeclarator') return parent.id.name
  return parent?.type === 'Property' ? parent.key.name : undefined
}
