using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The name of a person's draft of one form about one thing. It is made of ids. A text that people read can't be a part
/// of it: two things may have the same name, and the name of one thing changes with the language and with a renaming.
/// </summary>
public sealed record DraftName
{
    private DraftName(string text) => Text = text;

    /// <summary>The name in the browser.</summary>
    public string Text { get; }

    /// <param name="actor">The person who types. Drafts of different people are kept apart.</param>
    /// <param name="form">The form. No two forms have the same.</param>
    /// <param name="about">The ids of what the form is about. None for a form that makes something new.</param>
    public static DraftName Of(Actor actor, string form, params ISpanFormattable[] about)
    {
        var ids = about.Select(id => id.ToString(null, CultureInfo.InvariantCulture));
        return new DraftName($"{actor.StaffId}/{string.Join('-', ids.Prepend(form))}");
    }

    /// <summary>An id for what has only a text as its id.</summary>
    public static Guid IdOf(string key) => IdOf(Encoding.UTF8.GetBytes(key));

    /// <summary>One id for many things, in whatever order they come.</summary>
    public static Guid IdOf(IEnumerable<int> ids)
    {
        var sorted = ids.Order().ToArray();
        var bytes = new byte[sorted.Length * sizeof(int)];
        for (var index = 0; index < sorted.Length; index++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(index * sizeof(int)), sorted[index]);
        }

        return IdOf(bytes);
    }

    public override string ToString() => Text;

    private static Guid IdOf(byte[] bytes) => new(SHA256.HashData(bytes).AsSpan(0, 16));
}
