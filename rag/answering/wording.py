"""What the desk itself says in an answer, in the language of the question."""

from __future__ import annotations

from dataclasses import dataclass

from rag.model import Coverage


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language.

    Attributes:
        one, many: before the captions; `many` takes `{count}`.
        silent_one, silent_many: before pictures without a caption; `{also}` is empty or `also`.
        nothing: the abstention, and `withheld` that of strict mode.
        searched, pending, quarantined: what was looked at; each takes `{count}`.
    """

    one: str
    many: str
    silent_one: str
    silent_many: str
    nothing: str
    withheld: str
    searched: str
    pending: str
    quarantined: str

    def coverage(self, looked_at: Coverage) -> str:
        """`I searched 1,203 visuals, 37 not indexed yet.`"""
        parts = [self.searched.format(count=f"{looked_at.searched:,}")]
        if looked_at.pending:
            parts.append(self.pending.format(count=f"{looked_at.pending:,}"))
        if looked_at.quarantined:
            parts.append(self.quarantined.format(count=f"{looked_at.quarantined:,}"))
        return ", ".join(parts) + "."


ENGLISH = Wording(
    one="One picture fits:",
    many="{count} pictures fit, the closest first:",
    silent_one="By what it shows: a picture without a caption",
    silent_many="By what they show: {count} pictures without a caption",
    nothing="I found nothing in the library that answers this.",
    withheld="The evidence does not bear out anything that could be said here.",
    searched="I searched {count} visuals",
    pending="{count} not indexed yet",
    quarantined="{count} quarantined",
)

WORDINGS = {
    "en": ENGLISH,
    "de": Wording(
        one="Ein Bild passt:",
        many="{count} Bilder passen, das ähnlichste zuerst:",
        silent_one="Nach dem, was zu sehen ist: ein Bild ohne Beschriftung",
        silent_many="Nach dem, was zu sehen ist: {count} Bilder ohne Beschriftung",
        nothing="In der Bibliothek finde ich nichts, was darauf antwortet.",
        withheld="Die Belege stützen nichts, was sich hier sagen ließe.",
        searched="Durchsucht wurden {count} Bilder",
        pending="{count} sind noch nicht erfasst",
        quarantined="{count} liegen in Quarantäne",
    ),
    "fr": Wording(
        one="Une image correspond :",
        many="{count} images correspondent, la plus proche d'abord :",
        silent_one="D'après ce qu'elle montre : une image sans légende",
        silent_many="D'après ce qu'elles montrent : {count} images sans légende",
        nothing="Je ne trouve rien dans la bibliothèque qui réponde à cette question.",
        withheld="Les sources n'appuient rien de ce qui pourrait être dit ici.",
        searched="J'ai cherché parmi {count} images",
        pending="{count} pas encore indexées",
        quarantined="{count} en quarantaine",
    ),
    "es": Wording(
        one="Encaja una imagen:",
        many="Encajan {count} imágenes, primero la más cercana:",
        silent_one="Por lo que muestra: una imagen sin descripción",
        silent_many="Por lo que muestran: {count} imágenes sin descripción",
        nothing="No encuentro nada en la biblioteca que responda a esto.",
        withheld="Las fuentes no respaldan nada de lo que podría decirse aquí.",
        searched="He buscado en {count} imágenes",
        pending="{count} aún sin indexar",
        quarantined="{count} en cuarentena",
    ),
    "it": Wording(
        one="Corrisponde un'immagine:",
        many="Corrispondono {count} immagini, prima la più vicina:",
        silent_one="Per ciò che mostra: un'immagine senza didascalia",
        silent_many="Per ciò che mostrano: {count} immagini senza didascalia",
        nothing="Non trovo nulla nella raccolta che risponda a questo.",
        withheld="Le fonti non confermano nulla di ciò che si potrebbe dire qui.",
        searched="Ho cercato tra {count} immagini",
        pending="{count} non ancora indicizzate",
        quarantined="{count} in quarantena",
    ),
    "nl": Wording(
        one="Eén beeld past:",
        many="{count} beelden passen, het meest gelijkende eerst:",
        silent_one="Naar wat het toont: een beeld zonder bijschrift",
        silent_many="Naar wat ze tonen: {count} beelden zonder bijschrift",
        nothing="Ik vind niets in de bibliotheek dat hierop antwoordt.",
        withheld="De bronnen onderbouwen niets van wat hier gezegd zou kunnen worden.",
        searched="Ik doorzocht {count} beelden",
        pending="{count} nog niet geïndexeerd",
        quarantined="{count} in quarantaine",
    ),
    "pt": Wording(
        one="Uma imagem corresponde:",
        many="Correspondem {count} imagens, a mais próxima primeiro:",
        silent_one="Pelo que mostra: uma imagem sem legenda",
        silent_many="Pelo que mostram: {count} imagens sem legenda",
        nothing="Não encontro nada na biblioteca que responda a isto.",
        withheld="As fontes não sustentam nada do que se poderia dizer aqui.",
        searched="Procurei em {count} imagens",
        pending="{count} ainda não indexadas",
        quarantined="{count} em quarentena",
    ),
}


def wording(language: str) -> Wording:
    """The sentences of a language; English where there are none."""
    return WORDINGS.get(language, ENGLISH)
