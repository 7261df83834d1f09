import { describe, expect, it } from 'vitest'
import { constantsEqualTo, type Facts } from '../src/proof/facts.ts'
import { factsOfTree, leavesNamed, reduce, visit } from '../src/proof/join-positions.ts'
import {
  type Constant,
  type Equality,
  type JoinKind,
  type JoinTree,
  type Leaf,
  type Term,
  termOf,
} from '../src/proof/model.ts'

function leafOf(location: number): Leaf {
  const mention = { violation: 'missing_tenant_id', action: 'select', location } as const
  return { kind: 'owner', terms: new Map(), lateral: false, sites: [], mention }
}

const [a, b, c] = [leafOf(1), leafOf(2), leafOf(3)]
const owner = (leaf: Leaf): Term => termOf(leaf, 'owner', 'int4')
const tenant: Constant = { kind: 'parameter', index: 1, family: 'int4' }
const equal = (left: Leaf, right: Leaf): Equality => ({ left: owner(left), right: owner(right) })
const isTenant = (leaf: Leaf): Equality => ({ left: owner(leaf), right: [tenant] })
const only = (leaf: Leaf): JoinTree => ({ kind: 'leaf', leaf })
const join = (kind: JoinKind, left: JoinTree, right: JoinTree, ...on: Equality[]): JoinTree => ({
  kind,
  left,
  right,
  on,
  sites: [],
})

/** Which of the relations are confined, with these conditions in WHERE. */
function confined(tree: JoinTree, ...where: Equality[]): string {
  const reduced = reduce(tree, leavesNamed(where))
  const ofLeaf = (): Facts => []
  const facts = [...where, ...factsOfTree(reduced, ofLeaf)]
  const names = new Map([
    [a, 'a'],
    [b, 'b'],
    [c, 'c'],
  ])
  const found: string[] = []
  visit(reduced, facts, {
    ofLeaf,
    site: () => undefined,
    leaf: (leaf, at) => {
      if (constantsEqualTo(owner(leaf), at) !== undefined) found.push(names.get(leaf) ?? '')
    },
  })
  return found.join(' ')
}

describe('a condition', () => {
  it('of WHERE holds for every relation of its class, in any number of steps', () => {
    const tree = join('inner', only(a), join('inner', only(b), only(c)))
    expect(confined(tree, isTenant(a))).toBe('a')
    expect(confined(tree, isTenant(a), equal(c, b), equal(b, a))).toBe('a b c')
  })

  it('in ON of an inner join holds for both sides', () => {
    expect(confined(join('inner', only(a), only(b), equal(a, b), isTenant(b)))).toBe('a b')
  })

  it('in ON of an outer join holds for the nullable side alone', () => {
    expect(confined(join('left', only(a), only(b), equal(a, b), isTenant(a)))).toBe('b')
    expect(confined(join('right', only(a), only(b), equal(a, b), isTenant(b)))).toBe('a')
    expect(confined(join('full', only(a), only(b), equal(a, b), isTenant(b)))).toBe('')
  })

  it('under a nullable side holds within that side', () => {
    const side = join('inner', only(b), only(c), equal(b, c), isTenant(c))
    expect(confined(join('left', only(a), side))).toBe('b c')
    expect(confined(join('right', side, only(a)))).toBe('b c')
    expect(confined(join('full', only(a), side))).toBe('b c')
  })
})

describe('an equality in WHERE that names the nullable side', () => {
  it('makes a left or right join inner', () => {
    expect(confined(join('left', only(a), only(b), equal(a, b)), isTenant(b))).toBe('a b')
    expect(confined(join('right', only(a), only(b), equal(a, b)), isTenant(a))).toBe('a b')
  })

  it('turns a full join into the join that preserves its side', () => {
    const full = join('full', only(a), only(b), equal(a, b))
    expect(confined(full, isTenant(a))).toBe('a b')
    expect(reduce(full, new Set([a])).kind).toBe('left')
    expect(reduce(full, new Set([b])).kind).toBe('right')
    expect(reduce(full, new Set([a, b])).kind).toBe('inner')
  })

  it('reaches the joins below an inner one, not those below a full one', () => {
    const left = join('left', only(a), only(b), equal(a, b))
    expect(confined(join('inner', left, only(c), equal(b, c), isTenant(c)))).toBe('a b c')
    expect(confined(join('full', left, only(c), equal(b, c), isTenant(c)))).toBe('')
  })
})

describe('a chain of left joins', () => {
  it('brings the condition of one into force for the next that names it', () => {
    const first = join('left', only(a), only(b), isTenant(b))
    expect(confined(join('left', first, only(c), equal(b, c)))).toBe('b c')
  })

  it('does not where the next names the preserved side', () => {
    const first = join('left', only(a), only(b), isTenant(a))
    expect(confined(join('left', first, only(c), equal(a, c)))).toBe('')
  })
})
