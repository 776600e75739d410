namespace Vigia.Core.Lifecycle.DemoData;

/// <summary>
/// The vocabulary of demonstration cases: generic medicines, common reactions with their MedDRA preferred terms,
/// Peruvian places.
/// </summary>
internal static class DemoWords
{
    /// <summary>Name, active ingredient, form, strength, ATC code, usual indication.</summary>
    public static readonly (
        string Name, string Ingredient, string Form, string Strength, string Atc, string Indication)[] Medicines =
    [
        ("Analgex", "Paracetamol", "Tableta", "500 mg", "N02BE01", "Dolor y fiebre"),
        ("Inflanor", "Ibuprofeno", "Tableta recubierta", "400 mg", "M01AE01", "Dolor e inflamación"),
        ("Amoxiper", "Amoxicilina", "Cápsula", "500 mg", "J01CA04", "Infección respiratoria"),
        ("Losaran", "Losartán", "Tableta recubierta", "50 mg", "C09CA01", "Hipertensión arterial"),
        ("Metfoglu", "Metformina", "Tableta", "850 mg", "A10BA02", "Diabetes mellitus tipo 2"),
        ("Omeprax", "Omeprazol", "Cápsula", "20 mg", "A02BC01", "Enfermedad por reflujo"),
        ("Atorcol", "Atorvastatina", "Tableta recubierta", "20 mg", "C10AA05", "Hipercolesterolemia"),
        ("Enalpres", "Enalapril", "Tableta", "10 mg", "C09AA02", "Hipertensión arterial"),
        ("Ciproflax", "Ciprofloxacino", "Tableta recubierta", "500 mg", "J01MA02", "Infección urinaria"),
        ("Diclofast", "Diclofenaco", "Solución inyectable", "75 mg/3 mL", "M01AB05", "Dolor agudo"),
        ("Cetrialer", "Cetirizina", "Tableta", "10 mg", "R06AE07", "Rinitis alérgica"),
        ("Salbupuff", "Salbutamol", "Aerosol para inhalación", "100 mcg/dosis", "R03AC02", "Asma bronquial"),
    ];

    /// <summary>
    /// The words of a reporter and the MedDRA preferred term. The codes belong to MSSO and are left empty.
    /// </summary>
    public static readonly (string Reported, string Term)[] Reactions =
    [
        ("Dolor de cabeza intenso", "Cefalea"), ("Náuseas después de la toma", "Náuseas"),
        ("Ronchas en brazos y tronco", "Urticaria"), ("Mareos al levantarse", "Mareo"),
        ("Vómitos en dos ocasiones", "Vómitos"), ("Diarrea líquida", "Diarrea"), ("Picazón generalizada", "Prurito"),
        ("Hinchazón de labios y párpados", "Angioedema"),
        ("Dificultad para respirar", "Disnea"), ("Dolor en la boca del estómago", "Dolor abdominal superior"),
        ("Tos seca persistente", "Tos"), ("Palpitaciones", "Palpitaciones"),
        ("Sueño excesivo durante el día", "Somnolencia"), ("Presión arterial muy baja", "Hipotensión"),
        ("Manchas rojas en la piel", "Erupción cutánea"), ("Dolores musculares", "Mialgia"),
    ];

    public static readonly string[] Outcomes =
        ["Recuperado", "En recuperación", "No recuperado", "Recuperado con secuelas", "Desconocido"];

    public static readonly string[] Routes = ["Oral", "Intramuscular", "Intravenosa", "Inhalatoria"];

    public static readonly string[] Frequencies =
        ["Cada 8 horas", "Cada 12 horas", "Cada 24 horas", "Condicional al dolor"];

    /// <summary>District, province, department, INEI code.</summary>
    public static readonly (string District, string Province, string Department, string Ubigeo)[] Places =
    [
        ("Miraflores", "Lima", "Lima", "150122"), ("San Isidro", "Lima", "Lima", "150131"),
        ("Cercado", "Arequipa", "Arequipa", "040101"), ("Trujillo", "Trujillo", "La Libertad", "130101"),
        ("Cusco", "Cusco", "Cusco", "080101"), ("Piura", "Piura", "Piura", "200101"),
    ];

    public static readonly string[] Institutions =
        ["Hospital Nacional (ficticio)", "Clínica San Marcos (ficticia)", "Botica Central (ficticia)",
        "Centro de Salud Los Olivos (ficticio)"];

    public static readonly string[] Positions =
        ["Químico farmacéutico", "Responsable de farmacovigilancia", "Analista de calidad", "Asistente regulatorio",
        "Director técnico"];

    public static readonly (string Code, string Title, string Category)[] Documents =
    [
        ("DEMO-POE-001", "Notificación de reacciones adversas", "POE"),
        ("DEMO-FO-FMV-002", "Formato de notificación", "FO"), ("DEMO-FO-FMV-008", "Registro de seguimiento", "FO"),
        ("DEMO-PD-FMV-010", "Gestión de señales", "PD"), ("DEMO-MANUAL-01", "Manual de farmacovigilancia", "MANUAL"),
    ];

    public static readonly string[] Trainings = ["Inducción en farmacovigilancia", "Notificación de casos graves"];
}
