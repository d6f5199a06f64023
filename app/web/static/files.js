// Chosen files are shown before they are sent; big photos are made smaller on the phone first.

const LONGEST = 1600;

export function enhanceFiles(root) {
  root.querySelectorAll("input[type=file][data-preview]:not([data-preview-ready])").forEach((input) => {
    input.dataset.previewReady = "yes";
    const shelf = document.createElement("div");
    shelf.className = "thumbs";
    shelf.setAttribute("aria-live", "polite");
    input.after(shelf);
    input.addEventListener("change", async () => {
      await shrinkAll(input);
      draw(input, shelf);
    });
  });
}

async function shrinkAll(input) {
  if (!input.hasAttribute("data-photo")) return;
  const kept = new DataTransfer();
  for (const file of input.files) kept.items.add(await shrink(file));
  input.files = kept.files;
}

// Photos from a camera are 3-12 MB; 1600 pixels are plenty for evidence and go through a weak network.
export async function shrink(file) {
  if (!file.type.startsWith("image/") || file.size < 400_000) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const factor = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * factor);
    canvas.height = Math.round(bitmap.height * factor);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  } catch {
    return file; // a format this browser cannot draw: the server decides
  }
}

function draw(input, shelf) {
  shelf.querySelectorAll("img").forEach((img) => URL.revokeObjectURL(img.src));
  shelf.replaceChildren();
  [...input.files].forEach((file, index) => {
    const box = document.createElement("div");
    box.className = "thumb";
    if (file.type.startsWith("image/")) {
      const img = document.createElement("img");
      img.src = URL.createObjectURL(file);
      img.alt = file.name;
      box.append(img);
    } else {
      const icon = document.createElement("div");
      icon.className = "file-icon";
      icon.innerHTML = '<i class="bi bi-file-earmark" aria-hidden="true"></i>';
      box.append(icon);
    }
    const name = document.createElement("div");
    name.className = "thumb-name";
    name.textContent = file.name;
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", className: "thumb-remove", textContent: "×" });
    remove.setAttribute("aria-label", `${input.dataset.removeLabel ?? "×"} ${file.name}`);
    remove.addEventListener("click", () => {
      const kept = new DataTransfer();
      [...input.files].forEach((one, i) => i !== index && kept.items.add(one));
      input.files = kept.files;
      draw(input, shelf);
    });
    box.append(name, remove);
    shelf.append(box);
  });
}
