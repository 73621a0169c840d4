"""Headings of several languages in one table are read, and the receipt says so."""

from pathlib import Path

import pytest

import funnel_analytics as fa


@pytest.mark.parametrize(
    ("heading", "profile"),
    [
        ("Opportunity ID,Account,Stage,金额,Close Date,Owner", "generic_en"),
        ("Opportunity ID,客户名称,Stage,金额,预计成交日期,Owner", "generic_en"),
        ("商机编号,客户名称,阶段,Amount,预计成交日期,负责人", "generic_zh_hans"),
        ("商机编号,客户名称,阶段,金额,預計成交日,负责人", "generic_zh_hans"),
        ("商機編號,客戶名稱,階段,金额,預計成交日期,負責人", "generic_zh_hant"),
        ("Record ID,客户名称,Deal Stage,金额,Close Date,Deal owner,Deal Name", "hubspot"),
    ],
)
def test_headings_of_several_languages_are_read(tmp_path: Path, heading: str, profile: str) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    path.write_text(
        f"{heading}{'' if 'Deal Name' in heading else ',Next Step'}\nA1,Acme,Proof,500,2026-12-01,Dana,P1\n",
        encoding="utf-8",
    )
    book = fa.read_exports(path)
    row = book.opportunities.iloc[0]
    assert [row[name] for name in ("opportunity_id", "account_name", "stage", "amount", "owner")] == [
        "A1", "Acme", "Proof", 500, "Dana",
    ]  # fmt: skip
    assert f"{row['close_date']:%Y-%m-%d}" == "2026-12-01"
    assert book.receipt["profile"].tolist() == [profile]
    assert "by their usual meaning" in book.receipt["decisions"][0]


def test_a_table_in_one_language_says_nothing_of_others(tmp_path: Path) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    path.write_text("ID,Account,Stage,Amount (USD),Close Date\nA1,Acme,Proof,500,2026-12-01\n")
    assert "another language" not in fa.read_exports(path).receipt["decisions"][0]


@pytest.mark.parametrize(
    ("headings", "profile"),
    [
        ("Opportunity-ID,Accountname,Phase,Betrag,Schlusstermin,Opportunity-Inhaber,Status", "generic_de"),
        ("Deal - ID,Deal - Organisation,Deal - Phase,Deal - Wert,Deal - Erwartetes Abschlussdatum,Deal - Besitzer,Deal - Status", "pipedrive"),
        ("ID de l'opportunité,Nom du compte,Étape,Montant,Date de clôture,Propriétaire de l'opportunité,Statut", "generic_fr"),
        ("ID,Компания,Стадия сделки,Сумма,Предполагаемая дата закрытия,Ответственный,Статус", "generic_ru"),
        ("ID сделки,Клиент,Этап сделки,Бюджет ₽,Дата закрытия,Менеджер,Результат", "generic_ru"),
        ("商談 ID,取引先名,フェーズ,金額,完了予定日,商談 所有者,状況", "generic_ja"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ended", ["Gewonnen", "Gagnée", "受注"])
def test_german_french_russian_and_japanese_headings_and_ends_are_read(
    tmp_path: Path, headings: str, profile: str, ended: str
) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    path.write_text(f"{headings}\nA1,Acme,Proof,500,2026-12-01,Dana,{ended}\n", encoding="utf-8")
    book = fa.read_exports(path)
    row = book.opportunities.iloc[0]
    assert [row[name] for name in ("opportunity_id", "account_name", "amount", "owner", "outcome")] == [
        "A1", "Acme", 500, "Dana", "won",
    ]  # fmt: skip
    assert book.receipt["profile"].tolist() == [profile]


def test_a_crms_export_with_a_plainly_named_column_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    path.write_text("Deal ID,Stage,Deal Value,Expected Close\nA1,Proof,500,2026-12-01\n", encoding="utf-8")
    book = fa.read_exports(path)
    assert book.receipt["profile"].tolist() == ["pipedrive"]
    assert book.opportunities["stage"].tolist() == ["Proof"] and book.opportunities["close_date"].notna().all()


@pytest.mark.parametrize(
    ("headings", "profile", "won", "lost"),
    [
        ("ID de la oportunidad,Nombre de la cuenta,Etapa,Importe,Fecha de cierre,Propietario de la oportunidad,Estado", "generic_es", "Cerrada ganada", "Perdida"),
        ("Negocio,Empresa,Etapa del negocio,Monto,Fecha de cierre prevista,Vendedor,Resultado", "generic_es", "Ganado", "Perdido"),
        ("ID da oportunidade,Nome da conta,Fase,Valor,Data de fechamento,Proprietário da oportunidade,Status", "generic_pt", "Fechado e ganho", "Perdido"),
        ("Negócio,Cliente,Etapa do funil,Valor estimado,Previsão de fechamento,Vendedor,Situação", "generic_pt", "Ganho", "Fechado perdido"),
        ("Verkoopkans-ID,Klant,Verkoopfase,Bedrag,Verwachte sluitingsdatum,Eigenaar,Uitkomst", "generic_nl", "Gewonnen", "Verloren"),
        ("영업기회 ID,고객사,영업 단계,예상 금액,예상 마감일,영업담당자,상태", "generic_ko", "수주", "실주"),
        ("기회 ID,계정 이름,단계,금액,마감일,기회 소유자,상태", "generic_ko", "성사", "실패"),
    ],
)  # fmt: skip
def test_spanish_portuguese_dutch_and_korean_headings_and_ends_are_read(
    tmp_path: Path, headings: str, profile: str, won: str, lost: str
) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    rows = [f"A{place},Acme,Proof,500,2026-12-01,Dana,{ended}" for place, ended in enumerate((won, lost, ""))]
    path.write_text("\n".join([headings, *rows]), encoding="utf-8")
    book = fa.read_exports(path)
    assert book.receipt["profile"].tolist() == [profile]
    opportunities = book.opportunities
    assert opportunities["outcome"].tolist() == ["won", "lost", "open"]
    assert opportunities[["account_name", "stage", "owner"]].drop_duplicates().to_numpy().tolist() == [
        ["Acme", "Proof", "Dana"]
    ]
    assert opportunities["amount"].tolist() == [500] * 3 and set(
        opportunities["close_date"].dt.strftime("%Y-%m-%d")
    ) == {"2026-12-01"}


@pytest.mark.parametrize(
    ("headings", "dated"),
    [
        ("ID de la oportunidad,Cuenta,Etapa,Importe,Fecha de cierre", "Fecha de entrada en Proof"),
        ("商談 ID,取引先名,フェーズ,金額,完了予定日", "Proof移行日"),
        ("Opportunity-ID,Kunde,Phase,Betrag,Abschlussdatum", "Eintritt in Proof"),
        ("ID de l'opportunité,Compte,Étape,Montant,Date de clôture", "Date d'entrée en Proof"),
        ("ID da oportunidade,Conta,Fase,Valor,Data de fechamento", "Data de entrada em Proof"),
        ("ID сделки,Клиент,Этап сделки,Сумма,Дата закрытия", "Дата перехода на этап Proof"),
    ],
    ids=["Spanish", "Japanese", "German", "French", "Portuguese", "Russian"],
)  # fmt: skip
def test_columns_that_date_a_stage_are_changes_in_each_language(tmp_path: Path, headings: str, dated: str) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    path.write_text(f"{headings},{dated}\nA1,Acme,Proof,500,2026-12-01,2026-03-25\n", encoding="utf-8")
    log = fa.read_exports(path).stage_log
    assert [(row.stage, f"{row.entered:%Y-%m-%d}") for row in log.itertuples()] == [("Proof", "2026-03-25")]
