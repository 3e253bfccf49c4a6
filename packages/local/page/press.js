/**
 * Runs an action when a button is pressed. Ignores presses while it runs.
 *
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} press
 * @returns {HTMLButtonElement}
 */
export function pressedOnce(button, press) {
  button.addEventListener('click', () => {
    // Not `disabled`, which would remove the focus.
    if (button.getAttribute('aria-disabled') === 'true') return
    button.setAttribute('aria-disabled', 'true')
    void press().finally(() => button.removeAttribute('aria-disabled'))
  })
  return button
}

/**
 * Runs an action when a form is submitted. Ignores submissions while it runs.
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
