const box = document.querySelector(".search");
const field = document.getElementById("search");
const told = box.querySelector("[role=status]");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const questions = [...document.querySelectorAll(".question")].map((section) => ({
  section,
  entry: document.querySelector(`[data-of="${section.id}"]`),
  words: plain([...section.querySelectorAll("h3, thead")].map((part) => part.textContent).join(" ")),
}));
const search = () => {
  const asked = plain(field.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { section, entry, words } of questions) {
    const shown = asked.every((word) => words.includes(word));
    section.hidden = entry.hidden = !shown;
    found += shown;
  }
  for (const chapter of document.querySelectorAll("nav .chapter")) chapter.hidden = asked.length > 0;
  told.textContent = found ? `${found} / ${questions.length}` : told.dataset.none;
};
box.hidden = false;
field.addEventListener("input", search);
