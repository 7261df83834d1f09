// A step of the launcher in one line: what it prints is kept back, and shown whole when it fails.
const stillAtItMs = 10_000

/**
 * Runs a command by `run` of owned-processes.mjs; resolves to its exit code. While it takes long,
 * `say` hears from time to time how long.
 */
export async function quietStep(run, { command, args, options, say, show }) {
  const kept = []
  const begun = Date.now()
  const timer = setInterval(() => {
    say(`  … ${((Date.now() - begun) / 1_000).toFixed(0)} s`)
  }, stillAtItMs)
  try {
    const code = await run(command, args, { ...options, onOutput: (chunk) => kept.push(chunk) })
    if (code !== 0) show(Buffer.concat(kept).toString('utf8'))
    return code
  } finally {
    clearInterval(timer)
  }
}
