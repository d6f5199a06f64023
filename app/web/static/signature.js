// A signature drawn with finger, pen or mouse: kept as a PNG data address in the hidden field it names.

export function enhanceSignatures(root) {
  root.querySelectorAll("canvas[data-signature]:not([data-signature-ready])").forEach((canvas) => {
    canvas.dataset.signatureReady = "yes";
    const field = document.getElementById(canvas.dataset.signature);
    const clear = document.querySelector(`[data-signature-clear="${CSS.escape(canvas.dataset.signature)}"]`);
    const pen = canvas.getContext("2d");
    const fit = () => {
      const ratio = window.devicePixelRatio || 1;
      canvas.width = canvas.clientWidth * ratio;
      canvas.height = canvas.clientHeight * ratio;
      pen.scale(ratio, ratio);
      Object.assign(pen, { lineWidth: 2.2, lineCap: "round", lineJoin: "round", strokeStyle: "#111827" });
    };
    fit();
    let drawing = false;
    const point = (e) => {
      const box = canvas.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    canvas.addEventListener("pointerdown", (e) => {
      drawing = true;
      canvas.setPointerCapture(e.pointerId);
      pen.beginPath();
      pen.moveTo(...point(e));
    });
    canvas.addEventListener("pointermove", (e) => {
      if (!drawing) return;
      pen.lineTo(...point(e));
      pen.stroke();
    });
    const stop = () => {
      if (!drawing) return;
      drawing = false;
      field.value = canvas.toDataURL("image/png");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    canvas.addEventListener("pointerup", stop);
    canvas.addEventListener("pointercancel", stop);
    clear?.addEventListener("click", () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
}
