/**
 * Does something when a button is pressed, and not again before that is done.
 *
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} press
 * @returns {HTMLButtonElement}
 */
export function pressedOnce(button, press) {
  button.addEventListener('click', () => {
    // Not by `disabled`, which would take the focus away.
    if (button.getAttribute('aria-disabled') === 'true') return
    button.setAttribute('aria-disabled', 'true')
    void press().finally(() => button.removeAttribute('aria-disabled'))
  })
  return button
}

/**
 * Does something when a form is submitted, and not again until that is done.
 *
 * @param {HTMLFormElement} form
 * @param {(submitter: HTMLElement | null) => Promise<void>} submit
 */
export function submittedOnce(form, submit) {
  let isBusy = false
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (isBusy) return
    isBusy = true
    void submit(event.submitter).finally(() => (isBusy = false))
  })
}
