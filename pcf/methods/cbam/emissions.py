"""The equations of direct emissions, with the constants of the CBAM acts alone.

References
----------
Commission Implementing Regulation (EU) 2025/2547, Annex II B (calculation-based methods, mass balance, B.7 PFC) and G (GWPs).
"""

from __future__ import annotations

from pcf.methods.cbam.tables import constant, gwps

PERCENT = 100.0
KG_PER_T = 1000.0
GJ_PER_TJ = 1000.0


def calc_carbon_balance(incoming: float, outgoing: float, factor: float | None = None) -> float:
    """CO2 of a mass balance of carbon [tCO2].

    Parameters
    ----------
    incoming, outgoing : float
        Carbon that enters and leaves: sums of AD·CC [tC].
    factor : float, optional
        CO2 per carbon [tCO2/tC]; that of the act unless given.

    Notes
    -----
    Em = f·(Σ AD_in·CC_in − Σ AD_out·CC_out) with f = 3.664, not 44/12.
    """
    return (constant("carbon-to-co2") if factor is None else factor) * (incoming - outgoing)


def calc_fuel(amount: float, ncv: float, ef: float, oxidation: float, zero_rated_share: float = 0.0) -> float:
    """CO2 of a fuel [tCO2]: AD·NCV·EF·OF without the zero-rated share.

    Parameters
    ----------
    amount : float
        Fuel burned [t, 1000 Nm3 or GJ].
    ncv : float
        Net calorific value [GJ per unit].
    ef : float
        Emission factor [tCO2/TJ].
    oxidation, zero_rated_share : float
        Fractions [1].
    """
    return amount * ncv / GJ_PER_TJ * ef * oxidation * (1 - zero_rated_share)


def calc_reagent(tonnes: float, ef: float, conversion: float) -> float:
    """CO2 of a reagent of flue gas treatment [tCO2]: AD [t] · EF [tCO2/t] · CF [1]."""
    return tonnes * ef * conversion


def calc_cf4_slope(ae_minutes: float, slope: float, aluminium: float) -> float:
    """CF4 by the slope method [t].

    Parameters
    ----------
    ae_minutes : float
        Anode effect minutes per cell and day, AEM [min/cell-day].
    slope : float
        Slope emission factor SEF [(kg CF4/t Al)/(min/cell-day)].
    aluminium : float
        Primary aluminium Pr [t].

    Notes
    -----
    CF4 = AEM · SEF/1000 · Pr (B.7, method A).
    """
    return ae_minutes * slope / KG_PER_T * aluminium


def calc_cf4_overvoltage(overvoltage: float, percentage: float, coefficient: float, aluminium: float) -> float:
    """CF4 by the overvoltage method [t].

    Parameters
    ----------
    overvoltage : float
        Anode effect overvoltage per cell, AEO [mV].
    percentage : float
        Current efficiency CE as the number of its percentage: 95, not 0.95.
    coefficient : float
        Overvoltage coefficient OVC [(kg CF4/t Al)/mV].
    aluminium : float
        Primary aluminium Pr [t].

    Notes
    -----
    CF4 = OVC · AEO/CE · Pr · 0.001 (B.7, method B). Printed editions differ in whether CE or CE/100 divides; with the fraction
    the result would be a hundred times that of the slope method for the same effects.
    """
    return coefficient * (overvoltage / percentage) * aluminium / KG_PER_T


def as_percentage(value: float, unit: str) -> float:
    """A current efficiency as the number of its percentage, whichever unit the record states."""
    return value * PERCENT if unit == "fraction" else value


def calc_pfc_co2e(cf4: float, c2f6: float) -> float:
    """CO2 equivalent of the two PFCs [tCO2e] with the AR5 potentials of the act; masses in t."""
    potentials = gwps()
    return cf4 * potentials["CF4"] + c2f6 * potentials["C2F6"]


def calc_specific(attributed: float, activity_level: float, precursors: float) -> float:
    """Specific embedded emissions [tCO2e/t]: max(0, AttrEm)/AL + Σ m_i·SEE_i.

    Parameters
    ----------
    attributed : float
        Attributed emissions of the process [tCO2e].
    activity_level : float
        Goods produced [t].
    precursors : float
        Σ m_i·SEE_i, m_i the precursor consumed with losses per tonne of goods [tCO2e/t].
    """
    return max(0.0, attributed) / activity_level + precursors
