using System.Collections;
using System.Globalization;
using System.Resources;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Architecture;

namespace Vigia.Tests.Foundation.Errors;

/// <summary>Every text of the portal exists in both languages, with the same placeholders.</summary>
public sealed partial class WordsTests
{
    /// <summary>All resources. MudBlazor has its English texts itself.</summary>
    public static TheoryData<string> Filled =>
        [.. new[] { typeof(Message).Assembly, typeof(SharedText).Assembly }.SelectMany(
            assembly => assembly.GetManifestResourceNames())
            .Where(name => name.EndsWith(".resources", StringComparison.Ordinal))
            .Select(name => name[..^".resources".Length])];

    public static TheoryData<string> Resources =>
        [.. Filled.Select(row => row.Data).Where(name => !name.Contains("MudTexts", StringComparison.Ordinal))];

    /// <summary>The word that is said on screen, and the pattern of those that are not.</summary>
    public static TheoryData<string, string> Replaced => new()
    {
        { "Permisos · Accesos a una fecha", @"(?i)\bderechos?\b" },
        { "incorporar · no gestionado", @"(?i)\b(adoptar|adoptad[ao]s?|sin adoptar)\b" },
        { "Suspendido · Dado de baja", @"(?i)\binactiv[ao]s?\b" },
        { "Mover a la papelera · Destruir", @"(?i)\beliminar definitivamente\b" },
        { "Baja y eliminación", @"(?i)\bzona de peligro\b" },
        // A copied master is a "copia", in lower case and in the singular.
        { "Copias de seguridad", @"(?i)\bcopias\b(?! de seguridad)|(?i)\bcopia de respaldo\b" },
        { "CLON – no es producción", @"\bCOPIA\b" },
        // Isolation is proved, and the sentence is masculine.
        { "verificada · se restaura en", @"(?i)\bprobadas?\b|\bvuelven? en\b" },
        { "Restaurar aparte", @"(?i)\bal lado\b" },
        { "Cambiar de plan", @"(?i)\b(subir|bajar) de plan\b" },
        { "En ejecución", @"(?i)\blo que corre\b|\ben curso\b" },
        { "Ninguna operación en ejecución", @"(?i)\bno corre nada\b" },
        { "Requieren atención", @"(?i)\bpiden? atención\b" },
        { "Sin fallas", @"(?i)\bnada falló\b" },
        { "Pendientes", @"(?i)\bpor atender\b" },
        { "Código de seguimiento", @"(?i)\b(rastro|traza)s?\b" },
    };

    // A download, a verification and a diagnosis are not operations.
    private static readonly HashSet<(string Key, string Say)> Right =
    [
        ("export_running", "En ejecución"), ("verification_running", "En ejecución"),
        ("diagnosis_running", "En ejecución"), ("inspection_running", "En ejecución"),
    ];

    // Endings of reasons that people type, and of names as they are.
    private static readonly string[] Endings =
        ["Botica Sol S.A.C.", "Terminó en 2025.", "(ver correo).", "«sí».", "y así…", "¿Por qué?", "¡No!"];

    // Words that end as a plural does and count nothing.
    private static readonly HashSet<string> NoPlural =
    [
        "más", "las", "tiene", "and", "was", "has", "does", "its", "belongs", "reads", "writes", "owns", "chooses",
        "holds", "goes", "unless", "becomes",
    ];

    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_SpanishAndEnglish_HaveTheSameKeysAndBlanks(string name)
    {
        var (spanish, english) = (Spanish(name), English(name));

        Assert.Equal(spanish.Keys.Order(StringComparer.Ordinal), english.Keys.Order(StringComparer.Ordinal));
        Assert.All(spanish, text => Assert.Equal(Blanks(text.Value), Blanks(english[text.Key])));
        Assert.All(spanish.Concat(english), text => Assert.False(string.IsNullOrWhiteSpace(text.Value), text.Key));
    }

    // A message may be stored, and is then read in the language of its reader. A text that is rendered before stays in
    // one.
    [Fact]
    public void Messages_HaveNoRenderedArguments() => Assert.Equal([],
        from folder in new[] { "Vigia.Core", "Vigia.Portal" }
        from file in SourceFiles.Of(folder, "*.cs")
        from Match made in MessageMade().Matches(File.ReadAllText(file))
        where made.Value.Contains(".Render", StringComparison.Ordinal)
        select $"{SourceFiles.RelativePath(file)}: {made.Value}");

    // From the parenthesis of the constructor to its end.
    [GeneratedRegex(
        @"new (Message|(Rule|PersonNeeded|NotYet|NotFound|DatabaseConflict|InvalidInput)Exception)"
        + @"\((?:[^()]|(?<open>\()|(?<-open>\)))*(?(open)(?!))\)", RegexOptions.CultureInvariant)]
    private static partial Regex MessageMade();

    // Only destroying is final, and it is called that.
    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_AboutEndings_NameTheStep(string name) =>
        Assert.All(Spanish(name).Concat(English(name)), text => Assert.DoesNotMatch(
            "(?i)definitivamente|zona de peligro|danger zone|for good|permanent", text.Value));

    // A tenant is suspended, withdrawn, moved to the trash or destroyed. Roles, tables and the like are deleted.
    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_AboutTenants_DoNotSayDelete(string name) =>
        Assert.Equal([], Spanish(name).Concat(English(name)).Where(text => Deletes().IsMatch(text.Value)
            && !DeletesOther().IsMatch(text.Key)).Select(text => $"{text.Key}: {text.Value}").Distinct());

    // The code that finds the lines of the log has one name in each language, and what adopting does has one too.
    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_ForOneThing_UseOneTerm(string name)
    {
        Assert.All(Spanish(name), text => Assert.DoesNotMatch("(?i)\\btraza|\\brastro|\\badopt", text.Value));
        Assert.All(English(name), text => Assert.DoesNotMatch("(?i)\\btrace id|\\bthe trace\\b", text.Value));
    }

    // Every word that the design replaced by another. A pattern leaves out where the word is right.
    [Theory]
    [MemberData(nameof(Replaced))]
    public void Texts_SayTheWordsOfTheDesign(string say, string not) =>
        Assert.Equal([], Resources.SelectMany(row => Spanish(row.Data))
            .Where(text => Regex.IsMatch(text.Value, not) && !Right.Contains((text.Key, say)))
            .Select(text => $"{text.Key}: {text.Value}"));

    [Fact]
    public void Codes_NamedInTheSource_HaveASentence()
    {
        var spanish = Read(new ResourceManager("Vigia.Core.Foundation.Errors.Messages", typeof(Message).Assembly),
            CultureInfo.InvariantCulture);
        var codes = Sources().SelectMany(file => Code().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value).ToHashSet();

        Assert.True(codes.Count > 60, $"{codes.Count} codes found");
        Assert.All(codes, code => Assert.True(spanish.ContainsKey(code), code));
    }

    // A code that is misspelt where it is compared would never match.
    [Fact]
    public void Codes_ComparedInTheSource_HaveASentence()
    {
        var spanish = Read(new ResourceManager("Vigia.Core.Foundation.Errors.Messages", typeof(Message).Assembly),
            CultureInfo.InvariantCulture);
        var codes = Sources().SelectMany(file => Compared().Matches(File.ReadAllText(file)))
            .SelectMany(match => Quoted().Matches(match.Value)).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.True(codes.Count > 15, $"{codes.Count} codes found");
        Assert.All(codes, code => Assert.True(spanish.ContainsKey(code), code));
    }

    // A message without its arguments says "…" where the name of the database should be.
    [Fact]
    public void Messages_MadeInTheSource_HaveTheirArguments()
    {
        var spanish = Read(new ResourceManager("Vigia.Core.Foundation.Errors.Messages", typeof(Message).Assembly),
            CultureInfo.InvariantCulture);
        var made = MadeWith(spanish).ToList();

        Assert.True(made.Count > 200, $"{made.Count} messages found");
        Assert.Equal([], made.Where(message => message.Args.Count
            < Blanks(spanish[message.Code] + spanish.GetValueOrDefault(message.Code + "_advice")).Count()));
    }

    // The messages that the source makes with a code of these texts.
    private static IEnumerable<(string Code, List<string> Args)> MadeWith(Dictionary<string, string> texts) =>
        Sources().SelectMany(file => File.ReadAllText(file) is var text
            ? Made().Matches(text).Select(match => (match.Groups[1].Value, Arguments(text, match.Index)))
            : []).Where(message => texts.ContainsKey(message.Item1));

    // The arguments that follow the code in the call that begins at a place.
    private static List<string> Arguments(string text, int start)
    {
        var (depth, quoted, from, arguments) = (0, false, 0, new List<string>());
        for (var i = text.IndexOf('(', start); i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            depth += quoted ? 0 : text[i] is '(' or '[' or '{' ? 1 : text[i] is ')' or ']' or '}' ? -1 : 0;
            if (!quoted && ((depth == 1 && text[i] == ',') || depth == 0))
            {
                if (from > 0)
                {
                    arguments.Add(text[from..i].Trim());
                }

                from = i + 1;
                if (depth == 0)
                {
                    break;
                }
            }
        }

        return arguments;
    }

    [Theory]
    [MemberData(nameof(Filled))]
    public void Texts_WithoutArguments_DoNotThrow(string name) =>
        Assert.All(Spanish(name).Concat(English(name)), text => Fill(text.Value, "es-PE"));

    // A sentence ends once for every text that is filled in, and not as "S.A.C..", "2025..", "¿Por qué?.".
    [Theory]
    [MemberData(nameof(Filled))]
    public void Texts_ArgumentEndsWithAPoint_EndWithOnePoint(string name) =>
        Assert.Equal([], Spanish(name).Concat(English(name)).SelectMany(
            text => Endings.Select(ending => Fill(text.Value, "es-PE", [.. Enumerable.Repeat(ending, 10)])))
            .Where(filled => EndsTwice().IsMatch(filled)));

    // "33474 de 100000 clientes": a number that was kept as text has separators wherever its text counts.
    [Theory]
    [MemberData(nameof(Filled))]
    public void Texts_WithANumber_SeparateThousands(string name) =>
        Assert.Equal([], new[] { ("es-PE", Spanish(name)), ("en", English(name)) }.SelectMany(
            read => read.Item2.Select(text => (text.Key, Filled: Fill(
                text.Value, read.Item1, [.. Enumerable.Range(0, 10).Select(
                    i => text.Value.Contains($"{{{i}:", StringComparison.Ordinal) ? "1234567" : "x")]))))
            .Where(text => text.Filled.Contains("1234567", StringComparison.Ordinal)));

    // "1 resultados": a text that counts has a form for one, or another text for it. Any word in the plural beside a
    // placeholder counts, so that a new noun needs no list.
    [Theory]
    [MemberData(nameof(Filled))]
    public void Texts_WithANumber_HaveASingular(string name)
    {
        var (spanish, english) = (Spanish(name), English(name));
        foreach (var read in new[] { spanish, english })
        {
            // The longest text that a field takes is never one.
            Assert.Equal([], read.Where(text => text.Key != "Page_Longest" && !HasOne(text.Key)
                && (Plural().Matches(text.Value).Any(match => IsPlural(match) && !HasForms(text.Value, match))
                    || (SaysMany(text) && !new[] { spanish, english }.Any(
                        other => other.TryGetValue(text.Key, out var said) && Choice().IsMatch(said)))))
                .Select(text => $"{text.Key}: {text.Value}"));

            bool HasOne(string key) => read.ContainsKey(key + "One")
                || (key.Contains("Many", StringComparison.Ordinal)
                    && read.ContainsKey(key.Replace("Many", "One", StringComparison.Ordinal)));
        }

        // "{0} esperan su decisión": the verb is in the plural too.
        static bool SaysMany(KeyValuePair<string, string> text) =>
            text.Key.EndsWith("Many", StringComparison.Ordinal) && Regex.IsMatch(text.Value, @"\{\d\} \p{L}");

        static bool HasForms(string text, Match counted) =>
            text.Contains($"{{{counted.Groups[1].Value}:", StringComparison.Ordinal) && Choice().IsMatch(text);

        static bool IsPlural(Match match) =>
            !NoPlural.Contains(match.Groups[2].Value) && !NoPlural.Contains(match.Groups[3].Value);
    }

    // The arguments of a message are texts. Where the source makes one of a number, the text has to say so.
    [Fact]
    public void Messages_WithANumericArgument_FormatItAsANumber()
    {
        const string Name = "Vigia.Core.Foundation.Errors.Messages";
        var texts = new[] { Spanish(Name), English(Name) };
        var given = MadeWith(texts[0]).SelectMany(message => message.Args.Select(
            (arg, i) => (message.Code, Index: i, IsNumber: Numeric().IsMatch(arg))))
            .Where(arg => arg.IsNumber).ToList();

        Assert.True(given.Count > 30, $"{given.Count} numbers found");
        Assert.Equal([], given.SelectMany(arg => texts.SelectMany(read => new[] { arg.Code, arg.Code + "_advice" }
            .Where(key => read.TryGetValue(key, out var text)
                && Fill(text, "es-PE", [.. Enumerable.Range(0, 10).Select(i => i == arg.Index ? "1234567" : "x")])
                    .Contains("1234567", StringComparison.Ordinal)))).Distinct());
    }

    [Theory]
    [InlineData("{0} {0:cliente|clientes}", 1, "1 cliente")]
    [InlineData("{0} {0:cliente|clientes}", 1234, "1,234 clientes")]
    [InlineData("{0} {0:cliente|clientes}", "1", "1 cliente")]
    [InlineData("{0} {0:cliente|clientes}", "2,000", "2,000 clientes")]
    [InlineData("{0} {0:cliente|clientes}", "33474", "33,474 clientes")]
    [InlineData("{0:N0} de {1}", "33474", "33,474 de …")]
    [InlineData("{0:N0}", "hoy", "hoy")]
    [InlineData("{{{0}}}", 1.5, "{1.5}")]
    [InlineData("Ya es de {0}.", "Andina S.A.C.", "Ya es de Andina S.A.C.")]
    [InlineData("Lo hizo Ana: {0}. Se destruye.", "En 2025.", "Lo hizo Ana: En 2025. Se destruye.")]
    [InlineData("Motivo: {0}.", "(ver correo).", "Motivo: (ver correo).")]
    [InlineData("Motivo: {0}.", "¿Por qué?", "Motivo: ¿Por qué?")]
    [InlineData("Motivo: {0}.", "y así…", "Motivo: y así…")]
    [InlineData("«{0}».", "S.A.C.", "«S.A.C.».")]
    [InlineData("{0}.vigia.pe", "S.A.C.", "S.A.C..vigia.pe")]
    [InlineData("Correo {0}.", "a..b@x.pe", "Correo a..b@x.pe.")]
    [InlineData("RUC {0}", "20123456789", "RUC 20123456789")]
    [InlineData("Espere… {0}", "no", "Espere… no")]
    [InlineData("{0} y {1}", "uno", "uno y …")]
    public void Fill_NumberPluralAndPoint_AreFormatted(string text, object value, string expected) =>
        Assert.Equal(expected, Fill(text, "es-PE", value));

    // A refusal that is stored at night is read in either language.
    [Fact]
    public void Render_Moment_IsInLimaTimeAndTheReadersLanguage()
    {
        var message = new Message("awaiting_approval", LimaTime.Argument(
            new DateTimeOffset(2026, 9, 5, 23, 0, 0, TimeSpan.Zero)));

        Assert.Contains(" 5/09/2026 18:00.", message.Render(CultureInfo.GetCultureInfo("es-PE")),
            StringComparison.Ordinal);
        Assert.Contains(" 5 Sep 2026 18:00.", message.Render(CultureInfo.GetCultureInfo("en")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Actions_RecordedInTheSource_HaveASentenceAndAName()
    {
        var texts = FeatureNames.Sources.Prepend(typeof(AuditText))
            .SelectMany(type => Read(new ResourceManager(type), CultureInfo.InvariantCulture).Keys).ToHashSet();
        var actions = Sources().SelectMany(file => Action().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value).ToHashSet();

        Assert.True(actions.Count > 25, $"{actions.Count} actions found");
        Assert.Equal([], actions.Where(
            action => !texts.Contains(action) || !texts.Contains("Action_" + action)
            || !texts.Contains("Action_" + action.Split('.')[0] + ".")));
    }

    // A text that is missing is shown as its key.
    [Fact]
    public void Keys_NamedByAComponent_HaveAText()
    {
        var texts = FeatureNames.Sources.Append(typeof(SharedText)).Concat(typeof(SharedText).Assembly.GetTypes()
                .Where(type => type.Name.EndsWith("Text", StringComparison.Ordinal) && type.IsClass)).Distinct()
            .Where(type => Resources.Any(row => row.Data == type.FullName))
            .ToDictionary(type => type.Name, type =>
                Read(new ResourceManager(type), CultureInfo.InvariantCulture).Keys.ToHashSet());
        var (missing, found) = (new List<string>(), 0);
        foreach (var file in Directory.EnumerateFiles(
            Path.Combine(Root(), "Vigia.Portal", "Components"), "*.razor", SearchOption.AllDirectories))
        {
            var source = File.ReadAllText(file)
                + (File.Exists(file + ".cs") ? File.ReadAllText(file + ".cs") : "");
            foreach (var (type, name) in Localizer().Matches(source)
                .Select(m => (m.Groups[1].Value, m.Groups[2].Value)))
            {
                var keys = Regex.Matches(source, $@"\b{name}\[""([A-Za-z0-9_]+)""[\],]").Select(m => m.Groups[1].Value);
                found += keys.Count();
                missing.AddRange(keys.Where(key => !texts[type].Contains(key))
                    .Select(key => $"{Path.GetFileName(file)}: {type} has no {key}"));
            }
        }

        Assert.True(found > 1000, $"{found} keys found");
        Assert.Empty(missing);
    }

    private static IEnumerable<string> Sources() => new[] { "Vigia.Core", "Vigia.Portal" }
        .SelectMany(project =>
            Directory.EnumerateFiles(Path.Combine(Root(), project), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains(
            $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            && Path.GetFileName(file) is not ("Rights.cs" or "SignedAction.cs"));

    private static Dictionary<string, string> Read(ResourceManager texts, CultureInfo culture) =>
        texts.GetResourceSet(culture, createIfNotExists: true, tryParents: false)!.Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);

    private static Dictionary<string, string> Spanish(string name) => Read(Texts(name), CultureInfo.InvariantCulture);

    private static Dictionary<string, string> English(string name) =>
        name.Contains("MudTexts", StringComparison.Ordinal) ? [] : Read(Texts(name), new CultureInfo("en"));

    private static ResourceManager Texts(string name) => new(
        name, name.StartsWith("Vigia.Core", StringComparison.Ordinal) ? typeof(Message).Assembly
            : typeof(SharedText).Assembly);

    private static string Fill(string text, string culture, params object?[] values) =>
        Core.Foundation.Errors.Blanks.Fill(CultureInfo.GetCultureInfo(culture), text, values);

    private static IEnumerable<string> Blanks(string text) =>
        Blank().Matches(text).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex("(?:Reason\\.Code|Error\\.Code|error\\?\\.Code)(?: is| ==|:) (?:\"[a-z_]+\"(?: or )?)+")]
    private static partial Regex Compared();

    [GeneratedRegex("\"([a-z_]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("new (?:Message|RuleException|PersonNeededException|DatabaseConflictException)\\("
        + "\\s*\"([a-z][a-z_]*[a-z])\"")]
    private static partial Regex Code();

    [GeneratedRegex("(?:Message|[A-Za-z]+Exception|\\bbase|\\bthis|\\bnew)\\(\\s*\"([a-z_]+)\"")]
    private static partial Regex Made();

    // A placeholder and a word in the plural, with at most one word between them.
    [GeneratedRegex(@"\{(\d)(?::N0)?\}[ \u00a0](?:(\p{L}+)[ \u00a0])??(\p{L}{2,}s|people)\b")]
    private static partial Regex Plural();

    [GeneratedRegex(@"\{\d:[^}]*\|")]
    private static partial Regex Choice();

    [GeneratedRegex(@"[^.]\.\.(?!\.)|[…?!]\.(?!\p{L})")]
    private static partial Regex EndsTwice();

    // How the source makes a text of a number.
    [GeneratedRegex(@"\.ToString\((?:""N0"", \w+|(?:System\.Globalization\.)?CultureInfo\.InvariantCulture|culture)\)$"
        + @"|^(?:Number|Text)\(|^\$""\{[^""{}]*\}""$")]
    private static partial Regex Numeric();

    [GeneratedRegex("(?i)\\belim[ií]n|\\bdelet(?:e|es|ed|ing|ion)\\b")]
    private static partial Regex Deletes();

    // Texts about databases, roles, tables, records and keys, the page "Baja y eliminación", and what is not deleted.
    [GeneratedRegex("^(?:database_|role_exists|holder_half|About_|RotateEffect|Try_|NotFoundText|Step_|TabDanger"
        + "|EnvByConversion|PasskeyRemoveEffect|Lead$|Suspend(?:Many)?Effect)")]
    private static partial Regex DeletesOther();

    // All code names an audit action with a literal.
    [GeneratedRegex("\"((?:tenant|tenants|operation|workers|master|approval|audit|staff|token|mail|plan|keys|"
        + "isolation)\\.[a-z_]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("IStringLocalizer<(\\w+)> (\\w+)")]
    private static partial Regex Localizer();

    [GeneratedRegex("\\{(\\d)[^}]*\\}")]
    private static partial Regex Blank();
}
