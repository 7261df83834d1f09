// The programs that scripts/sql-rules.mjs runs, in processes of their own: none of them outlives it.
import { fork } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const program = fileURLToPath(new URL('sql-judge.mjs', import.meta.url))
const children = new Set()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

function start(file, args = []) {
  const child = fork(file, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  children.add(child)
  child.once('close', () => children.delete(child))
  return child
}

/** The next message of a child; how it ended, where it gave none in time. */
function answerOf(child, timeoutMs) {
  return new Promise((resolve) => {
    let complaint = ''
    const settle = (answer) => {
      clearTimeout(timer)
      child.removeAllListeners('message')
      child.removeAllListeners('close')
      child.stderr.removeAllListeners('data')
      child.stderr.resume()
      child.once('close', () => children.delete(child))
      resolve(answer)
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      settle({ ended: 'timed out' })
    }, timeoutMs)
    child.stderr.on('data', (data) => {
      complaint = (complaint + data).slice(-2_000)
    })
    child.once('message', (said) => settle({ said }))
    child.once('close', (code, signal) => settle({ ended: complaint || `${code ?? signal}` }))
  })
}

/** Runs a program of its own to its end. */
export async function runOnce(file, timeoutMs) {
  const child = start(file)
  const answer = await answerOf(child, timeoutMs)
  child.kill('SIGKILL')
  return answer
}

/** Judges one program after another, in a process that is replaced now and then. */
export function createJudge({ outfile, home, catalogues }) {
  let child
  let judged = 0
  let timeoutMs = 180_000
  async function ready() {
    if (child !== undefined && child.exitCode === null && child.connected && judged < 150) return
    child?.kill('SIGKILL')
    child = start(program, [home, catalogues])
    judged = 0
    const { ended } = await answerOf(child, timeoutMs)
    if (ended !== undefined) throw new Error(`nobody judges: ${ended}`)
  }
  async function judge() {
    await ready()
    judged += 1
    const answer = answerOf(child, timeoutMs)
    child.send(`${pathToFileURL(outfile)}?${judged}`)
    const { said, ended } = await answer
    return said ?? ended
  }
  return {
    /** The first time, without any change: later ones may take five times as long. */
    async begin() {
      const began = Date.now()
      const wrong = await judge()
      timeoutMs = Math.min(timeoutMs, Math.max(30_000, 5 * (Date.now() - began)))
      return wrong
    },
    /** Nothing where the corpus is judged as it should be, else a difference. */
    judge,
    /** A parser that was driven too deep stays damaged. */
    replace: () => {
      judged = Number.POSITIVE_INFINITY
    },
  }
}
