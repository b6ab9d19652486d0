"""Small PDFs, written by hand."""

from __future__ import annotations


def pdf(pages: list[str], *, width: int = 612, height: int = 792, info: dict[str, str] | None = None) -> bytes:
    """One page for each text, in 12-point Helvetica."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        content = f"BT /F1 12 Tf 72 {height - 72} Td ({text}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    fields = " ".join(f"/{name} ({value})" for name, value in (info or {}).items())
    objects.append(f"<< {fields} >>")
    return _file(objects)


def _file(objects: list[str], trailer: str = "") -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size, info = len(objects) + 1, len(objects)
    ending = f"<< /Size {size} /Root 1 0 R /Info {info} 0 R {trailer}>>"
    return (
        out + f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n{ending}\nstartxref\n{len(out)}\n%%EOF\n".encode()
    )


def encrypted_pdf() -> bytes:
    """A page under a password of the user (standard security handler, 40-bit RC4)."""
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
    guard = f"<< /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -4 >>"
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return _file(
        ["<< /Type /Catalog /Pages 2 0 R >>", pages, page, guard, "<< >>"],
        f"/Encrypt 4 0 R /ID [<{'00' * 16}> <{'00' * 16}>] ",
    )
