using System.Globalization;
using Bogus;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.DemoData;

/// <summary>
/// Creates the other data of a fictitious laboratory: people, products, partners, documents, trainings, reports,
/// surveillance.
/// </summary>
/// <param name="faker">The random source.</param>
/// <param name="today">The day in Lima.</param>
internal sealed class DemoCompany(Faker faker, DateOnly today)
{
    public IReadOnlyList<Employee> Employees() =>
    [
        .. Enumerable.Range(1, 10).Select(i => new Employee
        {
            EsDemo = true, Codigo = $"DEMO-{i:00}", Nombres = faker.Name.FirstName(),
            Apellidos = $"{faker.Name.LastName()} {faker.Name.LastName()}",
            Cargo = faker.PickRandom(DemoWords.Positions), Area = "Farmacovigilancia",
            Correo = $"empleado{i}@ejemplo.invalid", FechaIngreso = today.AddDays(-faker.Random.Int(100, 2000)),
        }),
    ];

    public IReadOnlyList<Product> Products() =>
    [
        .. DemoWords.Medicines.Select(m => new Product
        {
            EsDemo = true, Nombre = $"{m.Name} {m.Strength}", PrincipioActivo = m.Ingredient,
            FormaFarmaceutica = m.Form, Concentracion = m.Strength, AtcCode = m.Atc,
            Presentacion = "Caja x 100",
            Via = m.Form.Contains("inyectable", StringComparison.Ordinal) ? "Intramuscular"
            : m.Form.Contains("Aerosol", StringComparison.Ordinal) ? "Inhalatoria" : "Oral",
            RegistroSanitario = faker.Random.Replace("EN-#####"),
            RsVencimiento = today.AddMonths(faker.Random.Int(3, 48)),
            FechaAutorizacion = today.AddYears(-faker.Random.Int(2, 15)),
            Fabricante = "Laboratorio de demostración S.A.C.", Laboratorio = "Laboratorio de demostración S.A.C.",
        }),
    ];

    public IReadOnlyList<BusinessPartner> BusinessPartners() =>
    [
        .. Enumerable.Range(1, 8).Select(i => new BusinessPartner
        {
            EsDemo = true,
            RazonSocial = $"{faker.PickRandom("Botica", "Droguería", "Clínica", "Farmacia")} "
                + $"{faker.Name.LastName()} (demostración)",
            ContactoNombre = faker.Name.FullName(),
            Correo = $"cliente{i}@ejemplo.invalid", Direccion = faker.Address.StreetAddress(),
        }),
    ];

    /// <param name="free">How many the tenant's limit leaves free; demonstration data never exceeds the limit.</param>
    public IReadOnlyList<Establishment> Establishments(int free) =>
    [
        .. DemoWords.Places.Take(Math.Min(3, free)).Select((place, i) => new Establishment
        {
            EsDemo = true, Codigo = $"DEMO-{i + 1}", Nombre = $"Local {place.District} (demostración)",
            Tipo = i == 0 ? "laboratorio" : "almacen", Direccion = faker.Address.StreetAddress(),
            Ubigeo = place.Ubigeo, Departamento = place.Department, Provincia = place.Province,
            Distrito = place.District,
        }),
    ];

    public static IReadOnlyList<SurveillanceSource> Sources() =>
    [
        new() { EsDemo = true, Scope = "national", Name = "Alertas DIGEMID (demostración)",
            Url = "https://ejemplo.invalid/digemid", Enabled = false },
        new() { EsDemo = true, Scope = "external", Name = "Agencias extranjeras (demostración)",
            Url = "https://ejemplo.invalid/agencias", Enabled = false },
    ];

    public IEnumerable<SurveillanceAlert> Alerts(IReadOnlyList<SurveillanceSource> sources) =>
        Enumerable.Range(1, 24).Select(i =>
    {
        var source = faker.PickRandom(sources.AsEnumerable());
        var medicine = faker.PickRandom(DemoWords.Medicines);
        return new SurveillanceAlert
        {
            EsDemo = true, Scope = source.Scope, SourceId = source.Id,
            NAlerta = string.Create(CultureInfo.InvariantCulture, $"DEMO-{i:00}"), Producto = medicine.Ingredient,
            Motivo = faker.PickRandom(
                "Retiro de lote por resultado fuera de especificación", "Actualización de información de seguridad",
                "Producto falsificado"),
            Enlace = "https://ejemplo.invalid/alerta", FechaPublicada = today.AddDays(-faker.Random.Int(1, 400)),
            Severidad = faker.PickRandom("alta", "media", "baja"),
        };
    });

    public static IEnumerable<Document> Documents() => DemoWords.Documents.Select(d => new Document
    {
        EsDemo = true, Codigo = d.Code, Titulo = d.Title, Categoria = d.Category, Area = "Farmacovigilancia",
        Tags = "demostración",
    });

    public IReadOnlyList<TrainingProgramme> Programmes(IReadOnlyList<Employee> employees) =>
    [
        .. DemoWords.Trainings.Select(title => new TrainingProgramme
        {
            Id = faker.Random.Guid(), EsDemo = true, Titulo = title, FechaInicio = today.AddMonths(-3),
            FechaFin = today.AddMonths(3), Estado = "vigente", Obligatorio = true,
            ResponsableId = faker.PickRandom(employees.AsEnumerable()).Id,
        }),
    ];

    public IEnumerable<TrainingSession> Sessions(IReadOnlyList<TrainingProgramme> programmes) =>
        programmes.SelectMany(p => Enumerable.Range(1, 2).Select(i => new TrainingSession
        {
            Id = faker.Random.Guid(), ProgramaId = p.Id, Titulo = $"{p.Titulo}: sesión {i}",
            FechaProgramada = new DateTimeOffset(today.AddMonths(i - 2), new TimeOnly(15, 0), TimeSpan.Zero),
            DuracionMin = 90,
            Modalidad = i == 1 ? "presencial" : "virtual", Instructor = faker.Name.FullName(), MaxParticipantes = 20,
            MesProgramado = today.AddMonths(i - 2).Month,
        }));

    public TrainingAttendance Attendance(TrainingSession session, Employee employee) => new()
    {
        Id = faker.Random.Guid(), SesionId = session.Id, EmpleadoId = employee.Id, Asistio = faker.Random.Bool(0.85f),
        Nota = faker.Random.Int(12, 20),
    };

    public static IpsProduct IpsProduct(Product product) => new()
    {
        EsDemo = true, ProductId = product.Id, Nombre = product.Nombre, PrincipioActivo = product.PrincipioActivo,
        FormaFarmaceutica = product.FormaFarmaceutica, RegistroSanitario = product.RegistroSanitario,
        FechaAutorizacion = product.FechaAutorizacion, Fabricante = product.Fabricante, Via = product.Via,
        Presentacion = product.Presentacion,
    };

    public IpsReport Report(IpsProduct product) => new()
    {
        ProductoId = product.Id, PeriodoInicio = today.AddYears(-1), PeriodoFin = today.AddDays(-1),
        UnidadesComercializadas = faker.Random.Int(10_000, 900_000), LotesDistribuidos = faker.Random.Int(3, 40),
        Conclusiones = """{"texto": "El balance beneficio-riesgo se mantiene favorable."}""",
        Metadatos = DemoDataRows.ReportMark,
    };

    public IpsCalendarEntry Calendar(Product product, int number) => new()
    {
        EsDemo = true, Numero = number, ProductoForma = $"{product.Nombre} {product.FormaFarmaceutica}",
        Ifa = product.PrincipioActivo, RegistroNumero = product.RegistroSanitario, RegistroEstado = "Vigente",
        RegistroVencimiento = product.RsVencimiento, RegistroPrimeraAutorizacion = product.FechaAutorizacion,
        IpsVersion = "1", IpsFid = today.AddYears(-1), IpsFcd = today.AddDays(-1), IpsAnios = 1,
        FechaLimElaboracion = today.AddDays(faker.Random.Int(10, 200)),
        FechaLimRevisionAprobacion = today.AddDays(faker.Random.Int(201, 260)),
    };

    public Signal Signal(Product product, int number) => new()
    {
        EsDemo = true, Codigo = $"DEMO-S{number:00}",
        Titulo = $"{product.PrincipioActivo}: notificaciones por encima de lo esperado", ProductId = product.Id,
        MeddraPtTerm = faker.PickRandom(DemoWords.Reactions).Term,
        Estado = faker.PickRandom("detectada", "en_validacion", "validada"),
        Prioridad = faker.PickRandom("alta", "media", "baja"), Prr = Math.Round(faker.Random.Decimal(1, 5), 2),
        FechaDeteccion = today.AddDays(-faker.Random.Int(5, 200)),
    };
}
