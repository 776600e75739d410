using System.Text;

namespace Vigia.Tests.Api;

/// <summary>Values that no field, parameter or address of the API accepts, grouped by their fault.</summary>
internal static class BadValues
{
    // In a body these stand for bytes that are not valid UTF-8; see BytesOf.
    private const string Broken = "\uE000";
    private const string Overlong = "\uE001";
    private const string Surrogate = "\uE002";

    /// <summary>SQL, paths and scripts. As text, most of them are valid.</summary>
    public static readonly string[] Injections =
    [
        "' OR 1=1--", "'; DROP TABLE portal.operations;--", "1 UNION ALL SELECT version()", "\" OR \"\"=\"",
        "%' AND pg_sleep(1)--", "\\'; COPY x FROM PROGRAM 'id'", "../../etc/passwd", "..\\..\\windows\\win.ini",
        "<script>alert(1)</script>", "${jndi:ldap://127.0.0.1/a}", "{{7*7}}", "$(id)", "%s%s%n", "_%", "\\", "'",
        "Álamo' Ñandú",
    ];

    /// <summary>JSON strings, with their quotes, that no text field accepts.</summary>
    public static readonly string[] Texts =
    [
        "\"a\\u0000b\"", "\"a\\ud800b\"", "\"\\udfff\"", "\"\\ud800\\ud800\"", "\"a\\u202eb\"", "\"a\\u2066b\"",
        "\"a\\u200bb\"", "\"\\ufeffa\"", "\"a\\u001b[31m\"", "\"a\\u2028b\"", "\"a\\u0085b\"", "\"a\\u00adb\"",
        "\"\\u0007\"", "\"a\\ufffeb\"",
        "\"a\u202eb\"", "\"a\u200db\"", $"\"{Broken}\"", $"\"{Overlong}\"", $"\"{Surrogate}\"", "\"a\0b\"", "\"a\nb\"",
        "\"\\x41\"", "\"\\u12\"", "\"open", $"\"{new string('á', 2_000)}\"", $"\"{new string('x', 20_000)}\"",
    ];

    private static readonly string[] NoText = ["1", "-1.5", "1e999", "true", "[]", "{}", "[\"a\"]", "{\"a\":\"b\"}"];
    private static readonly string[] NoBoolean =
        ["\"true\"", "\"\"", "0", "1", "\"sí\"", "[]", "{}", "[true]", "1e999", "TRUE", "yes"];
    private static readonly string[] NoNumber =
    [
        "\"1\"", "\"\"", "1.5", "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "99999999999999999999",
        "-99999999999999999999", "true", "[]", "{}", "[1]", "0x10", "01", "1_000", "1.", ".5", "+1", "- 1", "１", "-1",
        "-2147483649",
    ];

    private static readonly string[] NoNumbers =
        ["\"1\"", "\"\"", "1", "true", "{}", "{\"0\":1}", "[\"1\"]", "[1.5]", "[null]", "[[1]]", "[true]", "[{}]",
            "[99999999999999999999]", "[1e999]", "[2147483648]", "[NaN]", "[1,]", "[1 2]", "[01]", "[\"a\\u0000\"]",
            "1,2", "[1"];

    private static readonly string[] NoConfig =
    [
        "\"{}\"", "1", "true", "[]", "[{}]", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"\\u0000\":1}",
        "{\"a\":[{\"b\":\"\\udc00\"}]}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":2}}", "{\"a\\u202e\":1}",
        $"{{\"a\":\"{Broken}\"}}",
        $"{{\"{Broken}\":1}}", Nested(40), Nested(70), Nested(5_000), $"{{\"a\":\"{new string('x', 270 * 1024)}\"}}",
        "{\"a\":NaN}", "{\"a\":1,}", "{a:1}", "{\"a\"}",
    ];

    /// <summary>Bodies that are not an object with any known fields.</summary>
    public static readonly string[] Bodies =
    [
        " ", "null", "[]", "[{}]", "1", "\"x\"", "true", "{", "}", "{]}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}",
        "{,}", "{'a':1}", "{a:1}", "{} {}", "{}x", "// nothing\n{}", "/* */{}", "\0", "{\"a\":1}\0", "\uFEFF[]", "<a/>",
        "a=b", "%7B%7D", "---\na: 1",
        "{\"a\":1,\"a\":2}", "{\"\\ud800\":1}", "{\"__proto__\":{}}", "{\"constructor\":1}", "{\"$ref\":\"#\"}",
        "{\"\":1}", "{\"Id\":1}", "{\"_\":null}", Broken, Overlong, $"{{\"{Broken}\":1}}",
        $"{{\"{Overlong}\":1,\"{Surrogate}\":2}}", Nested(65), Nested(1_000), Nested(20_000),
        new string('[', 30_000), $"{{\"{new string('k', 20_000)}\":1}}",
        $"{{{string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"\"f{i}\":{i}"))}}}",
    ];

    private static readonly string[] NoIntegerQuery =
    [
        "abc", "1.5", "1e3", "0x10", "99999999999999", "-99999999999999", "2147483648", "%EF%BC%91", "%201", "1%20",
        "1%3Bselect", "1%27--", "true", "null", "NaN", "[]", "1,2", "%00", "1%00", "%0d%0aX-Injected:%201", "--1", "1-",
        "%E2%88%9E", "%E2%80%AE1",
        new string('9', 400),
    ];

    private static readonly string[] NoGuidQuery =
        ["1", "abc", "%7B0197a3a0-0000-7000-8000-000000000000%7D", "0197a3a0000070008000000000000000",
        "0197a3a0-0000-7000-8000-00000000000g", "0197a3a0-0000-7000-8000-000000000000'", "%00", new string('a', 400)];
    private static readonly string[] NoTimeQuery =
    [
        "2026-01-01", "ayer", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00",
        "99999-01-01T00:00:00Z", "2026-01-01T25:00:00Z", "0000-00-00T00:00:00Z", "2026-01-01T00:00:00%2B99:00",
        "1767225600", "2026-01-01T00:00:00Z'", "%00", "2026-01-01T00:00:00Z%00",
    ];

    private static readonly string[] NoChoiceQuery =
        ["happy", "ACTIVE", "active,inactive", "%27%20OR%201=1--", "active%00", "razon_social;drop%20table%20x",
        "legal_name%20desc,(select%201)", "1", "null", "%E2%80%AEactive"];
    private static readonly string[] NoTextQuery =
        ["a%00b", "a%E2%80%AEb", "a%E2%80%8Bb", "a%EF%BF%BEb", "a%1Bb", "a%0d%0aSet-Cookie:%20a=b", "%C2%85",
        "%EF%BB%BFa", "a%09b",
        new string('a', 301), new string('%', 1) + "C3%A1" + new string('a', 300)];

    /// <summary>Parts of the query string that no call accepts.</summary>
    public static readonly string[] UnknownQuery =
        ["x=1", "Q2=a", "page[]=1", "$filter=1", "constructor=1", "__proto__[a]=1", "q%00=1", "access_token=a",
            "%0d%0aX-Injected:%201=1", "callback=alert", "=1", "%27%20OR%201=1--=1", "limit=1", "offset=-1",
            "_method=DELETE"];

    /// <summary>Texts in an address that are neither a number nor a UUID.</summary>
    public static readonly string[] Ids =
    [
        "abc", "1.0", "1e3", "0x1", "99999999999", "2147483648", "-2147483649", "%20", "1%27%20OR%201=1--",
        "1;drop%20table%20x", "1%2f2", "..%2f..%2fetc%2fpasswd", "..%5c..%5cwin.ini", "%252e%252e%252f", "%252f",
        "%25%30%30", "%EF%BC%91", "%F0%9F%92%A9", "%E2%80%AE", "%C0%AF",
        "%ff", "%0d%0aSet-Cookie:%20a=b", "%0aX-Injected:%201", "null", "true", "NaN", "[]", "{}", "{id}", "*", "~",
        "..", "%2e%2e", "../../v9", "%2e%2e/%2e%2e/v9", "1/../../../v9", "1//", "//",
        "0197a3a0-0000-7000-8000-00000000000g", "%7B0197a3a0%7D", "$(id)", "${7*7}", "<b>", "%3Cscript%3E", "%", "%zz",
        "1%", new string('9', 3_000),
    ];

    /// <summary>Invalid values of <c>Idempotency-Key</c>.</summary>
    public static readonly string[] Keys =
        ["", "a b", " ", new string('k', 201), new string('k', 5_000), "clave-ñ", "a\tb", "💩", "a\u00a0b"];

    /// <summary>Invalid versions of a tenant.</summary>
    public static readonly string[] Versions =
        ["", "garbage", "\"999999999999\"", "W/\"1\"", "\"", "\"\"", "1234", "'1'", "\"1\" OR 1=1", "\"1\", \"2\"",
        new string('"', 3_000), "\"ñ\"", "\"-1\""];

    /// <summary>Wrong or missing content types.</summary>
    public static readonly string?[] ContentTypes =
    [
        null, "text/plain", "text/html", "text/json", "application/xml", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a", "application/octet-stream", "application/jsonx", "application/x-json",
        "application/javascript", "application/json; charset=utf-16", "application/json; charset=latin1",
        "application/json; charset=us-ascii", "application/json; charset=\"utf-7\"", "application/*", "*/*", "json",
        "image/png",
    ];

    /// <summary>JSON that a field of this type does not accept.</summary>
    public static IReadOnlyList<string> For(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var plain when plain == typeof(bool) => NoBoolean,
        var plain when plain == typeof(int) || plain == typeof(long) => NoNumber,
        var plain when plain == typeof(string) => [.. NoText, .. Texts],
        var plain when plain == typeof(IReadOnlyList<int>) => NoNumbers,
        _ => NoConfig,
    };

    /// <summary>Texts, as written in an address, that a parameter of this kind does not accept.</summary>
    public static IReadOnlyList<string> For(Portal.Api.QueryParameter parameter) => parameter switch
    {
        { Choices: not null } => NoChoiceQuery,
        { Type: Portal.Api.QueryType.Integer, Least: 1 } => [.. NoIntegerQuery, "0", "-1"],
        { Type: Portal.Api.QueryType.Integer } => NoIntegerQuery,
        { Type: Portal.Api.QueryType.Long } =>
            [.. NoIntegerQuery.Except(["2147483648", "99999999999999"]), "-1", "99999999999999999999"],
        { Type: Portal.Api.QueryType.Boolean } =>
            ["yes", "1", "True", "TRUE", "null", "true,false", "%20true", "true%00", "%27"],
        { Type: Portal.Api.QueryType.Guid } => NoGuidQuery,
        { Type: Portal.Api.QueryType.Time } => NoTimeQuery,
        _ => NoTextQuery,
    };

    /// <summary>The bytes of a body: UTF-8, and invalid bytes in place of the characters that stand for them.</summary>
    public static byte[] BytesOf(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        if (!body.AsSpan().ContainsAnyInRange(Broken[0], Surrogate[0]))
        {
            return bytes;
        }

        // Latin-1 preserves bytes.
        var text = Encoding.Latin1.GetString(bytes);
        foreach (var (sign, meant) in new[] { (Broken, "\u00C3("), (Overlong, "\u00C0\u00AF"),
            (Surrogate, "\u00ED\u00A0\u0080") })
        {
            text = text.Replace(
                Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(sign)), meant, StringComparison.Ordinal);
        }

        return Encoding.Latin1.GetBytes(text);
    }

    private static string Nested(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
}
