using System.Collections;
using System.Globalization;
using System.Resources;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Foundation.Errors;

/// <summary>Every text of the portal exists in both languages, with the same placeholders.</summary>
public sealed partial class WordsTests
{
    public static TheoryData<string> Resources =>
        [.. new[] { typeof(Message).Assembly, typeof(SharedText).Assembly }.SelectMany(
            assembly => assembly.GetManifestResourceNames())
            .Where(name => name.EndsWith(".resources", StringComparison.Ordinal)
                && !name.Contains("MudTexts", StringComparison.Ordinal)).Select(name => name[..^".resources".Length])];

    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_SpanishAndEnglish_HaveTheSameKeysAndBlanks(string name)
    {
        var assembly = name.StartsWith("Vigia.Core", StringComparison.Ordinal) ? typeof(Message).Assembly
            : typeof(SharedText).Assembly;
        var texts = new ResourceManager(name, assembly);
        var spanish = Read(texts, CultureInfo.InvariantCulture);
        var english = Read(texts, new CultureInfo("en"));

        Assert.Equal(spanish.Keys.Order(StringComparer.Ordinal), english.Keys.Order(StringComparer.Ordinal));
        Assert.All(spanish, text => Assert.Equal(Blanks(text.Value), Blanks(english[text.Key])));
        Assert.All(spanish.Concat(english), text => Assert.False(string.IsNullOrWhiteSpace(text.Value), text.Key));
    }

    // Only destroying is final, and it is called that.
    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_AboutEndings_NameTheStep(string name)
    {
        var texts = new ResourceManager(name, name.StartsWith("Vigia.Core", StringComparison.Ordinal)
            ? typeof(Message).Assembly : typeof(SharedText).Assembly);

        Assert.All(
            Read(texts, CultureInfo.InvariantCulture).Concat(Read(texts, new CultureInfo("en"))),
            text => Assert.DoesNotMatch(
                "(?i)definitivamente|zona de peligro|danger zone|for good|permanent", text.Value));
    }

    [Fact]
    public void Codes_EveryOneThatTheSourceNames_HasASentence()
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
    public void Codes_EveryOneThatTheSourceComparesWith_HasASentence()
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
    public void Messages_EveryOneThatTheSourceMakes_HasItsArguments()
    {
        var spanish = Read(new ResourceManager("Vigia.Core.Foundation.Errors.Messages", typeof(Message).Assembly),
            CultureInfo.InvariantCulture);
        var made = Sources().SelectMany(file => File.ReadAllText(file) is var text
            ? Made().Matches(text).Select(match => (Code: match.Groups[1].Value, Args: Arguments(text, match.Index)))
            : []).Where(message => spanish.ContainsKey(message.Code)).ToList();

        Assert.True(made.Count > 200, $"{made.Count} messages found");
        Assert.Equal([], made.Where(message => message.Args
            < Blanks(spanish[message.Code] + spanish.GetValueOrDefault(message.Code + "_advice")).Count()));
    }

    // How many arguments follow the code in the call that begins at a place.
    private static int Arguments(string text, int start)
    {
        var (depth, commas, quoted) = (0, 0, false);
        for (var i = text.IndexOf('(', start); i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            depth += quoted ? 0 : text[i] is '(' or '[' or '{' ? 1 : text[i] is ')' or ']' or '}' ? -1 : 0;
            commas += !quoted && depth == 1 && text[i] == ',' ? 1 : 0;
            if (!quoted && depth == 0)
            {
                break;
            }
        }

        return commas;
    }

    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_FilledWithNothing_NeverThrow(string name)
    {
        var texts = new ResourceManager(name, name.StartsWith("Vigia.Core", StringComparison.Ordinal)
            ? typeof(Message).Assembly : typeof(SharedText).Assembly);
        Assert.All(
            Read(texts, CultureInfo.InvariantCulture).Concat(Read(texts, new CultureInfo("en"))),
            text => Core.Foundation.Errors.Blanks.Fill(CultureInfo.InvariantCulture, text.Value, []));
    }

    // "1 resultados": a text that counts has a form for one, or another text for it.
    [Theory]
    [MemberData(nameof(Resources))]
    public void Texts_ThatCount_HaveAFormForOne(string name)
    {
        var texts = new ResourceManager(name, name.StartsWith("Vigia.Core", StringComparison.Ordinal)
            ? typeof(Message).Assembly : typeof(SharedText).Assembly);
        foreach (var read in new[] { Read(texts, CultureInfo.InvariantCulture), Read(texts, new CultureInfo("en")) })
        {
            // The longest text that a field takes is never one.
            Assert.Equal([], read.Where(text => text.Key != "Page_Longest" && Plural().Matches(text.Value).Any(match =>
                !text.Value.Contains($"{{{match.Groups[1].Value}:", StringComparison.Ordinal))
                && !read.ContainsKey(text.Key + "One") && !read.ContainsKey(text.Key.Replace("Many", "One",
                    StringComparison.Ordinal).Replace(text.Key, "", StringComparison.Ordinal)))
                .Select(text => $"{text.Key}: {text.Value}"));
        }
    }

    [Theory]
    [InlineData("{0} {0:cliente|clientes}", 1, "1 cliente")]
    [InlineData("{0} {0:cliente|clientes}", 1234, "1,234 clientes")]
    [InlineData("{0} {0:cliente|clientes}", "1", "1 cliente")]
    [InlineData("{0} {0:cliente|clientes}", "2,000", "2,000 clientes")]
    [InlineData("Ya es de {0}.", "Andina S.A.C.", "Ya es de Andina S.A.C.")]
    [InlineData("RUC {0}", "20123456789", "RUC 20123456789")]
    [InlineData("Espere… {0}", "no", "Espere… no")]
    [InlineData("{0} y {1}", "uno", "uno y …")]
    public void Fill_NumberPluralAndPoint(string text, object value, string expected) =>
        Assert.Equal(expected, Core.Foundation.Errors.Blanks.Fill(CultureInfo.GetCultureInfo("es-PE"), text, [value]));

    [Fact]
    public void Actions_EveryOneThatTheSourceRecords_HasASentenceAndAName()
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
    public void Keys_EveryOneThatAComponentNames_HasAText()
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

    [GeneratedRegex("(?:Message|[A-Za-z]+Exception|base|this)\\(\\s*\"([a-z_]+)\"")]
    private static partial Regex Made();

    [GeneratedRegex("\\{(\\d)\\} (?:\\p{L}+ )?(?:usuarios|establecimientos|comprobantes|clientes|registros|días|horas|"
        + "resultados|sesiones|derechos|filas|lugares|intentos|operaciones|cuentas|personas|claves|caracteres|veces|"
        + "niveles|encontrados|cambios|bases|users|establishments|documents|clients|records|days|hours|results|"
        + "sessions|rights|rows|places|attempts|operations|accounts|people|keys|passkeys|characters|times|levels|"
        + "changes|databases)\\b")]
    private static partial Regex Plural();

    // All code names an audit action with a literal.
    [GeneratedRegex("\"((?:tenant|tenants|operation|workers|master|approval|audit|staff|token|mail|plan|keys|"
        + "isolation)\\.[a-z_]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("IStringLocalizer<(\\w+)> (\\w+)")]
    private static partial Regex Localizer();

    [GeneratedRegex("\\{(\\d)[^}]*\\}")]
    private static partial Regex Blank();
}
