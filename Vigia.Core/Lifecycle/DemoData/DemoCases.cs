using System.Globalization;
using Bogus;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.DemoData;

/// <summary>Creates fictitious cases. The same seed and day give the same cases.</summary>
/// <param name="faker">The random source.</param>
/// <param name="today">The day in Lima; cases are from the eighteen months before it.</param>
internal sealed class DemoCases(Faker faker, DateOnly today)
{
    private static readonly string[] Severities = ["Grave", "No grave", "Sin clasificar"];
    private static readonly string[] Causalities =
        ["Definida", "Probable", "Posible", "Improbable", "Condicional", "Inclasificable"];
    private static readonly string[] States = ["Pendiente", "En progreso", "Completado", "Enviado", "Cerrado"];

    public Icsr Case(int number)
    {
        var received = today.AddDays(-faker.Random.Int(1, 540));
        var began = received.AddDays(-faker.Random.Int(1, 20));
        var state = faker.Random.WeightedRandom(States, [0.2f, 0.25f, 0.2f, 0.2f, 0.15f]);
        var gender = faker.PickRandom<Bogus.DataSets.Name.Gender>();
        var age = faker.Random.Int(1, 88);
        var name = faker.Name;
        return new Icsr
        {
            EsDemo = true,
            Numero = string.Create(CultureInfo.InvariantCulture, $"DEMO-{received.Year}-{number:0000}"),
            CodigoInterno = string.Create(CultureInfo.InvariantCulture, $"DEMO-{number:0000}"),
            PacienteIniciales =
                $"{name.FirstName(gender)[0]}{name.LastName()[0]}{name.LastName()[0]}".ToUpperInvariant(),
            PacienteEdad = age,
            PacienteEdadUnidad = "años",
            PacienteGrupoEtario =
                age switch
                {
                    < 2 => "lactante",
                    < 12 => "niño",
                    < 18 => "adolescente",
                    < 60 => "adulto",
                    _ => "adulto_mayor"
                },
            PacienteSexo = gender == Bogus.DataSets.Name.Gender.Female ? "Femenino" : "Masculino",
            PacientePeso = Math.Round(faker.Random.Decimal(age < 12 ? 8 : 45, age < 12 ? 40 : 98), 1),
            PacienteTalla = age < 12 ? null : faker.Random.Int(148, 188),
            ReportanteNombre = name.FullName(),
            ReportanteEmail = $"reportante{number}@ejemplo.invalid",
            ReportanteCalificacion = faker.PickRandom("medico", "farmaceutico", "otro_profesional", "consumidor"),
            ReportanteInstitucion = faker.PickRandom(DemoWords.Institutions),
            ReportantePais = "PE",
            FechaInicioEvento = began,
            FechaFinEvento = faker.Random.Bool(0.6f) ? began.AddDays(faker.Random.Int(1, 12)) : null,
            FechaRecepcion = received,
            OrigenNotificacion = faker.PickRandom("web_form", "correo", "llamada", "visita médica"),
            TipoReporte = "espontaneo",
            Gravedad = faker.Random.WeightedRandom(Severities, [0.25f, 0.6f, 0.15f]),
            Estado = state,
            EaCausalidad = state is "Pendiente" or "En progreso" ? null : faker.PickRandom(Causalities),
            EaDesenlace = faker.PickRandom(DemoWords.Outcomes),
            QcRealizadoPor = state is "Enviado" or "Cerrado" ? "Aseguramiento de la calidad (demostración)" : null,
            QcFecha = state is "Enviado" or "Cerrado" ? received.AddDays(5) : null,
            LtFechaEnvioDigemid = state is "Enviado" or "Cerrado" ? received.AddDays(faker.Random.Int(6, 14)) : null,
            FechaInformacionReciente = received,
        };
    }

    public IcsrProduct Suspect(Icsr icsr, Product product, string indication)
    {
        icsr.ProductoSospechoso = product.Nombre;
        return new IcsrProduct
        {
            IcsrId = icsr.Id,
            ProductId = product.Id,
            Tipo = "sospechoso",
            Nombre = product.Nombre,
            PrincipioActivo = product.PrincipioActivo,
            FormaFarmaceutica = product.FormaFarmaceutica,
            Concentracion = product.Concentracion,
            RegistroSanitario = product.RegistroSanitario,
            Lote = faker.Random.Replace("??####").ToUpperInvariant(),
            LoteVencimiento = today.AddMonths(faker.Random.Int(2, 24)),
            Via = product.Via,
            Dosis = product.Concentracion,
            Frecuencia = faker.PickRandom(DemoWords.Frequencies),
            FechaInicio = icsr.FechaInicioEvento?.AddDays(-faker.Random.Int(1, 6))
                .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Indicacion = indication,
            AccionTomada = faker.PickRandom("retirado", "dosis_reducida", "sin_cambio", "desconocida"),
            Retirada = faker.PickRandom("Mejoró", "No mejoró", "No aplica"),
            Reexposicion = faker.PickRandom("No se hizo", "Reapareció", "No reapareció"),
        };
    }

    public IcsrProduct Concomitant(Icsr icsr)
    {
        var medicine = faker.PickRandom(DemoWords.Medicines);
        return new IcsrProduct
        {
            IcsrId = icsr.Id, Tipo = "concomitante", Nombre = medicine.Ingredient,
            PrincipioActivo = medicine.Ingredient, Dosis = medicine.Strength, Via = "Oral",
            Indicacion = medicine.Indication,
        };
    }

    public IcsrEvent Event(Icsr icsr)
    {
        var (reported, term) = faker.PickRandom(DemoWords.Reactions);
        var serious = icsr.Gravedad == "Grave";
        icsr.DescripcionEvento = icsr.DescripcionEvento is null
            ? $"Paciente que presenta: {reported.ToLowerInvariant()}."
            : $"{icsr.DescripcionEvento} Además: {reported.ToLowerInvariant()}.";
        return new IcsrEvent
        {
            IcsrId = icsr.Id,
            Texto = reported,
            TipoNotificacion = "Espontánea",
            FechaInicio = icsr.FechaInicioEvento?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            FechaFin = icsr.FechaFinEvento?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Gravedad = icsr.Gravedad,
            Causalidad = icsr.EaCausalidad,
            Desenlace = icsr.EaDesenlace,
            MeddraPtTerm = term,
            MeddraLltTerm = term,
            Pais = "PE",
            ConfirmadoMedicamente = icsr.ReportanteCalificacion != "consumidor",
            Hospitalizacion = serious && faker.Random.Bool(0.6f),
            OtraCondicion = serious,
        };
    }

    public IEnumerable<FollowUpAttempt> Plan(Icsr icsr)
    {
        var finished = icsr.Estado is "Completado" or "Enviado" or "Cerrado";
        foreach (var day in new[] { 0, 30, 60, 90 })
        {
            var due = icsr.FechaRecepcion.AddDays(day);
            yield return new FollowUpAttempt
            {
                IcsrId = icsr.Id,
                Dia = day,
                FechaProgramada = due,
                Estado = finished ? "Completed" : due < today ? faker.PickRandom("Sent", "Responded") : "Pending",
                DatosFaltantes = finished ? "{}" : """{"paciente": ["peso"], "producto": ["lote"]}""",
            };
        }
    }

    public IEnumerable<FollowUpMessage> Thread(Icsr icsr)
    {
        yield return new FollowUpMessage
        {
            IcsrId = icsr.Id, Channel = "email", Direction = "out",
            Body = "Estimado/a: para completar la notificación necesitamos el lote del producto y el peso del paciente."
        };
        if (faker.Random.Bool(0.5f))
        {
            yield return new FollowUpMessage
            {
                IcsrId = icsr.Id, Channel = "email", Direction = "in",
                Body = "Adjunto los datos solicitados. El paciente evoluciona favorablemente."
            };
        }
    }

    public CausalityAssessment? Assessment(Icsr icsr, IcsrEvent icsrEvent, IcsrProduct product) =>
        icsr.EaCausalidad is not { } result ? null : new CausalityAssessment
        {
            IcsrId = icsr.Id,
            IcsrEventId = icsrEvent.Id,
            IcsrProductId = product.Id,
            Metodo = faker.Random.Bool(0.8f) ? "Karch-Lasagna" : "FT42",
            Respuestas =
                """{"secuencia_temporal": "compatible", "conocimiento_previo": "si", "causa_alternativa": "no"}""",
            Puntaje = faker.Random.Int(0, 9),
            Resultado = result,
        };

    public static DigemidSubmission? Submission(Icsr icsr) =>
        icsr.LtFechaEnvioDigemid is not { } sent ? null : new DigemidSubmission
        {
            IcsrId = icsr.Id, Formato = "Modelo B", Estado = icsr.Estado == "Cerrado" ? "aceptado" : "enviado",
            EnviadoEn = new DateTimeOffset(sent, new TimeOnly(15, 0), TimeSpan.Zero),
        };

    public LaboratoryTest Test(Icsr icsr) => new()
    {
        IcsrId = icsr.Id, Nombre = faker.PickRandom("Hemoglobina", "Creatinina sérica", "TGP (ALT)", "Glucosa"),
        Resultado = faker.Random.Int(1, 180).ToString(CultureInfo.InvariantCulture),
        Unidad = "mg/dL", Fecha = icsr.FechaRecepcion.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    public MedicalHistoryEntry History(Icsr icsr) => new()
    {
        IcsrId = icsr.Id, Texto =
            faker.PickRandom("Hipertensión arterial", "Diabetes mellitus tipo 2", "Asma bronquial",
            "Alergia a la penicilina", "Gastritis crónica"), Continua = true,
    };
}
