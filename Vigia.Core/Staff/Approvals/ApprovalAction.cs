using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Approvals;

/// <summary>
/// The subject of a request: the kind of the operation that waits, or a change to a member of staff (see
/// <c>StaffRequestKind</c>). An approval does not know what it approves, so this is a name and no enumeration.
/// </summary>
public readonly record struct ApprovalAction
{
    internal ApprovalAction(string code) => Code = code;

    /// <summary>The name, in snake_case.</summary>
    public string Code { get; }

    /// <summary>The request for an operation of this kind.</summary>
    public static ApprovalAction Of(OperationKind kind) => new(kind.Code);

    public override string ToString() => Code;
}

/// <summary>Stores the subject of a request as its name.</summary>
internal sealed class ApprovalActionConverter() : ValueConverter<ApprovalAction, string>(
    action => action.Code, (Expression<Func<string, ApprovalAction>>)(code => new ApprovalAction(code)));
