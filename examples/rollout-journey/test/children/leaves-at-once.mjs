// An instance that is gone as soon as it is asked to drain, with messages on their way to it.
process.on('message', ({ type }) => {
  if (type === 'drain') process.exit(0)
})
process.send({ type: 'ready', port: 1 })
