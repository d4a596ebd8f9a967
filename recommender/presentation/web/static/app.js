"use strict";
// Enter searches, Shift+Enter begins a new line; without this the button does.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && field.matches(".search textarea")) {
    event.preventDefault();
    field.form.requestSubmit();
  }
});
